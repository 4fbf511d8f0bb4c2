/**
 * Who may ask `fanjoin dev` for something: whoever knows its token, by its own name, from no other web page.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "../../api/problem.ts";
import { decoded } from "../../api/routes.ts";

/**
 * A web page of somebody else's may have its name point to this machine (DNS rebinding): so our name is asked
 * for, too.
 */
const NAMES = ["127.0.0.1", "localhost"];

/** Throws a `RequestError`. */
export function checkOrigin({ host, origin }: IncomingHttpHeaders, port: number): void {
  const hosts = NAMES.map((name) => `${name}:${port}`);
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    throw forbidden(`this server is http://${hosts[0]}, and was asked for under another name`);
  }
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`))
    throw forbidden("requests of web pages of another origin are not answered");
}

/** Throws a `RequestError`. */
export function checkToken({ authorization = "" }: IncomingHttpHeaders, token: string): void {
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (isSame(given, token)) return;
  throw new RequestError(
    401,
    "REQUEST_FORBIDDEN",
    "the header authorization: Bearer <token> is missing or wrong; fanjoin dev printed the token when it started",
    { "www-authenticate": "Bearer" },
  );
}

export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** In the same time, wherever they differ. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

function forbidden(message: string): RequestError {
  return new RequestError(403, "REQUEST_FORBIDDEN", message);
}

/** What a signed URL allows. */
export interface Permit {
  readonly method: "GET" | "PUT";
  /** A key of the bucket, or the name of a file of fanjoin's own. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The content type, and the name to save it as, of what is read. */
  readonly type: string;
  readonly saveAs: string;
}

const PATH = "/signed/";

/** A path with a query that stands for the permit, for whoever has it. */
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
 * The permit in a URL; `null` if it is none of ours. Throws a `RequestError` if it was changed, or is too
 * old.
 */
export function permitIn(url: URL, method: string | undefined, token: string, now: number): Permit | null {
  if (!url.pathname.startsWith(PATH)) return null;
  const given = (name: string): string => url.searchParams.get(name) ?? "";
  const permit: Permit = {
    method: given("method") === "PUT" ? "PUT" : "GET",
    name: decoded(url.pathname.slice(PATH.length)),
    expiresAt: Number(given("expires")),
    type: given("type"),
    saveAs: given("saveAs"),
  };
  if (!isSame(given("signature"), signature(permit, token)))
    throw forbidden("the signature of this URL is wrong");
  if (method !== permit.method) throw forbidden(`this URL is for ${permit.method}`);
  if (!(permit.expiresAt > now)) throw forbidden("this URL has expired: ask for a new one");
  return permit;
}

function signature(permit: Permit, token: string): string {
  const { method, name, expiresAt, type, saveAs } = permit;
  const text = JSON.stringify([method, name, expiresAt, type, saveAs]);
  return createHmac("sha256", token).update(text).digest("base64url");
}
