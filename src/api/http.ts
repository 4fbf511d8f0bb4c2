/** Requests and answers of the HTTP API, independent of its host. */
import type { Json } from "../core/json/json.ts";

export interface ApiRequest {
  readonly method: string;
  /** As it was sent, without the stage and the query. */
  readonly path: string;
  /** If a name was sent more than once, its last value. */
  readonly query: { readonly [name: string]: string };
  /** All values of the names that were sent more than once. Absent: there are none. */
  readonly repeated?: { readonly [name: string]: readonly string[] };
  /** Names are in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** Empty if there was none. Bytes are UTF-8; a host that has only bytes leaves the decoding to the API. */
  readonly body: string | Uint8Array;
  /** The URL of the API, without a trailing slash. */
  readonly base: string;
}

export interface ApiResponse {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** The rest of the body, as it comes. Absent: `body` is all. */
  readonly more?: AsyncGenerator<string | Uint8Array>;
}

export const JSON_TYPE = "application/json";
export const JSON_LINES_TYPE = "application/jsonl";
export const HTML_TYPE = "text/html; charset=utf-8";
/** https://www.rfc-editor.org/rfc/rfc9457 */
export const PROBLEM_TYPE = "application/problem+json";

type Headers = ApiResponse["headers"];

/** The state of a batch changes at any moment, so answers must not be cached. */
const EVERY_ANSWER: Headers = { "cache-control": "no-store" };

export function answer(status: number, type: string, body: string, headers: Headers = {}): ApiResponse {
  return { status, headers: { ...EVERY_ANSWER, "content-type": type, ...headers }, body };
}

export function json(status: number, value: Json | object, headers: Headers = {}): ApiResponse {
  return answer(status, JSON_TYPE, `${JSON.stringify(value)}\n`, headers);
}

export function noContent(): ApiResponse {
  return { status: 204, headers: EVERY_ANSWER, body: "" };
}

/** https://www.rfc-editor.org/rfc/rfc2483#section-5 */
export const URL_LIST_TYPE = "text/uri-list";

/** A temporary redirect to a URL that answers GET. */
export function seeOther(location: string): ApiResponse {
  return { status: 303, headers: { ...EVERY_ANSWER, location }, body: "" };
}
