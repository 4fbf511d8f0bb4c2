/** Requests and answers of the HTTP API, whoever serves it. */
import type { Json } from "../core/json.ts";

export interface ApiRequest {
  readonly method: string;
  /** As it was sent, without the stage and without the query. */
  readonly path: string;
  /** Of a name that was sent more than once the last value. */
  readonly query: { readonly [name: string]: string };
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string };
  /** '' if there was none. */
  readonly body: string;
  /** The URL of the API, without a slash at its end. */
  readonly base: string;
}

export interface ApiResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export const JSON_TYPE = "application/json";
export const JSON_LINES_TYPE = "application/jsonl";
/** https://www.rfc-editor.org/rfc/rfc9457 */
export const PROBLEM_TYPE = "application/problem+json";

type Headers = ApiResponse["headers"];

/** What a batch is at this moment is nothing to keep a copy of. */
const EVERY_ANSWER: Headers = { "cache-control": "no-store" };

export function answer(status: number, type: string, body: string, headers: Headers = {}): ApiResponse {
  return { status, headers: { ...EVERY_ANSWER, "content-type": type, ...headers }, body };
}

export function json(status: number, value: Json | object, headers: Headers = {}): ApiResponse {
  return answer(status, JSON_TYPE, `${JSON.stringify(value)}\n`, headers);
}

/** Somewhere else, for a while: what is there is to be had by GET. */
export function seeOther(location: string): ApiResponse {
  return { status: 303, headers: { ...EVERY_ANSWER, location }, body: "" };
}
