/**
 * Access to `fanjoin dev`: a request needs the token, the right host name, and no foreign web page as origin,
 * unless `--origin` allows that page's.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "../../api/problem.ts";
import { decoded } from "../../api/routes.ts";

/** The host name is checked because a foreign web page can make its own name point here (DNS rebinding). */
const NAMES = ["127.0.0.1", "localhost"];

/** Clients leave out the port that a URL has by itself. */
const DEFAULT_PORT = 80;

/** `allowed` are origins of other web pages. Throws a `RequestError`. */
export function checkOrigin(
  { host, origin }: IncomingHttpHeaders,
  port: number,
  allowed: readonly string[] = [],
): void {
  const hosts = NAMES.flatMap((name) => [`${name}:${port}`, ...(port === DEFAULT_PORT ? [name] : [])]);
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    throw forbidden(`this server is http://${hosts[0]}: use that address, not another name`);
  }
  if (origin === undefined || allowed.includes(origin)) return;
  if (!hosts.some((own) => origin.toLowerCase() === `http://${own}`))
    throw forbidden("requests from web pages of another origin are refused: --origin allows one");
}

/** Throws a `RequestError`. */
export function checkToken({ authorization = "" }: IncomingHttpHeaders, token: string): void {
  const [, sent = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (isSame(sent, token)) return;
  throw new RequestError(
    401,
    "REQUEST_FORBIDDEN",
    "the header `authorization: Bearer <token>` is missing or wrong: fanjoin dev printed the token at its start",
    { "www-authenticate": "Bearer" },
  );
}

export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Compares in constant time. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

function forbidden(message: string): RequestError {
  return new RequestError(403, "REQUEST_FORBIDDEN", message);
}

/** The permission in a signed URL. */
export interface Permit {
  readonly method: "GET" | "PUT";
  /** A key of the bucket, or the path of a batch's file in the state directory. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** For a GET: the content type. */
  readonly type: string;
  /** For a GET: the suggested file name. */
  readonly saveAs: string;
}

const PATH = "/signed/";

/** A path with a query. Anyone who has this path has the permit. */
export function signedPath(permit: Permit, token: string): string {
  const { method, name, expiresAt, type, saveAs } = permit;
  const query = new URLSearchParams({
    method,
    expires: String(expiresAt),
    type,
    saveAs,
    signature: signature(permit, token),
  });
  return `${PATH}${name.split("/").map(encodeURIComponent).join("/")}?${query.toString()}`;
}

/**
 * The permit in a URL; `null` if it is not a signed URL. Throws a `RequestError` if it was changed or
 * expired.
 */
export function permitIn(url: URL, method: string | undefined, token: string, now: number): Permit | null {
  if (!url.pathname.startsWith(PATH)) return null;
  const parameter = (name: string): string => url.searchParams.get(name) ?? "";
  const permit: Permit = {
    method: parameter("method") === "PUT" ? "PUT" : "GET",
    name: decoded(url.pathname.slice(PATH.length)),
    expiresAt: Number(parameter("expires")),
    type: parameter("type"),
    saveAs: parameter("saveAs"),
  };
  if (!isSame(parameter("signature"), signature(permit, token)))
    throw forbidden("the signature of this URL is wrong");
  // Who may read a file may also ask for its size.
  const wanted = method === "HEAD" ? "GET" : method;
  if (wanted !== permit.method) throw forbidden(`this URL is for ${permit.method} only`);
  if (!(permit.expiresAt > now)) throw forbidden("this URL has expired: request a new one");
  return permit;
}

function signature(permit: Permit, token: string): string {
  const { method, name, expiresAt, type, saveAs } = permit;
  const text = JSON.stringify([method, name, expiresAt, type, saveAs]);
  return createHmac("sha256", token).update(text).digest("base64url");
}
