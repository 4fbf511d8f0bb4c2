/**
 * Who may see the page: a browser that has opened an address which can be used once. It gets a cookie that no
 * script reads and no other site sends.
 */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "../../api/problem.ts";

const PATH = "/open/";
/** The page to begin with. */
const TO = /^\/(?:batches\/[0-9A-Za-z]{1,64}|jobs(?:\/[a-z][a-z0-9-]{0,62})?)?$/;

export interface OpenedPage {
  /** Of the answer; `null`: the browser has one. */
  readonly cookie: string | null;
  /** Where it is to go. */
  readonly location: string;
}

export class Sessions {
  readonly #codes = new Set<string>();
  readonly #sessions = new Set<string>();
  /** Called when an address has been used: the next one may be told. */
  readonly #onUsed: () => void;

  constructor(onUsed: () => void) {
    this.#onUsed = onUsed;
  }

  /** A new address, as a path. `to`: the page that it leads to. */
  address(to = "/"): string {
    const code = randomBytes(18).toString("base64url");
    this.#codes.add(code);
    return `${PATH}${code}${to === "/" ? "" : `?to=${encodeURIComponent(to)}`}`;
  }

  /** `null` if the request is for something else. Throws a `RequestError` for an address that was used. */
  open(url: URL, headers: IncomingHttpHeaders, port: number): OpenedPage | null {
    if (!url.pathname.startsWith(PATH)) return null;
    const to = url.searchParams.get("to") ?? "/";
    const location = TO.test(to) ? to : "/";
    if (this.has(headers, port)) return { cookie: null, location };
    if (!this.#codes.delete(url.pathname.slice(PATH.length)))
      throw new RequestError(401, "REQUEST_FORBIDDEN", "this address has been used up: open the newest one");
    const session = randomBytes(24).toString("base64url");
    this.#sessions.add(session);
    this.#onUsed();
    return { cookie: `${nameOf(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`, location };
  }

  /** Whether the request comes from a browser that was let in. */
  has({ cookie = "" }: IncomingHttpHeaders, port: number): boolean {
    const prefix = `${nameOf(port)}=`;
    return cookie
      .split(";")
      .map((pair) => pair.trim())
      .some((pair) => pair.startsWith(prefix) && this.#sessions.has(pair.slice(prefix.length)));
  }
}

/** A host has one set of cookies for all of its ports. */
function nameOf(port: number): string {
  return `fanjoin-${port}`;
}

/**
 * A browser sends the cookie along whatever page a request comes from. So one that changes something has to
 * say that it comes from here. Throws a `RequestError`.
 */
export function checkSameOrigin(method: string, headers: IncomingHttpHeaders, port: number): void {
  if (method === "GET" || method === "HEAD") return;
  const { origin, "sec-fetch-site": site } = headers;
  const own = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const isOwn = origin !== undefined && own.includes(origin.toLowerCase());
  if (isOwn && (site === undefined || site === "same-origin")) return;
  throw new RequestError(
    403,
    "REQUEST_FORBIDDEN",
    "a request that changes something has to come from the page of this server",
  );
}
