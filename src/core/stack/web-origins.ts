/**
 * Web pages of other origins that may call an API: CORS.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import { FanjoinError } from "../errors/errors.ts";
import type { ErrorCode } from "../errors/errors.ts";

/** The headers that the client sends. `if-none-match` goes with uploads. */
export const CORS_HEADERS = ["authorization", "content-type", "if-none-match", "x-api-key"] as const;
/** The headers that the client reads, besides those that every page may read. */
export const CORS_EXPOSED = [
  "fanjoin-cursor",
  "fanjoin-outputs",
  "fanjoin-state",
  "retry-after",
  "x-amzn-errortype",
] as const;
/** How long a browser remembers the answer to a preflight. */
export const CORS_MAX_AGE_SECONDS = 600;

/** No wildcard: a browser sends none, and S3 would read one as many origins. */
const ORIGIN = /^https?:\/\/([a-z\d-]+(\.[a-z\d-]+)*|\[[\da-f:]+\])(:\d+)?$/;

/**
 * `text` if it is an origin as browsers send it, such as `https://shop.example`. Throws an error with `code`
 * that names `option`. `*` and `null` are refused: any page can have the origin `null`.
 */
export function checkedOrigin(text: string, option: string, code: ErrorCode): string {
  const { origin = "" } = URL.parse(text) ?? {};
  const isOrigin = ORIGIN.test(origin);
  if (isOrigin && origin === text) return text;
  const meant = isOrigin ? `: did you mean ${origin}?` : ": give each alone, such as https://shop.example";
  throw new FanjoinError(
    code,
    `${option} ${text} is not an origin, which is a scheme, a host and maybe a port${meant}`,
  );
}

/**
 * What the answer to a request from `origin` carries, also where it is an error. Pages of other origins
 * cannot read it.
 */
export function corsHeaders(
  origins: readonly string[],
  origin: string | undefined,
): { readonly [name: string]: string } {
  if (origins.length === 0) return {};
  // An answer that depends on the origin says so to caches, whatever the origin is.
  const vary = { vary: "origin" };
  if (origin === undefined || !origins.includes(origin)) return vary;
  return {
    ...vary,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": CORS_EXPOSED.join(", "),
  };
}
