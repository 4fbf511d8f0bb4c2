/** A page of another origin than the API's: a vm with the globals of the web, whose `fetch` keeps to CORS. */
import { createContext, runInContext } from "node:vm";

export const PAGE_ORIGIN = "https://shop.example";

/** All that a page's script finds here besides the language. `File` objects come from outside. */
const WEB = {
  AbortController,
  AbortSignal,
  Blob,
  DOMException,
  File,
  ReadableStream,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  clearTimeout,
  crypto,
  performance,
  setTimeout,
};

export interface Fetched {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** There was a preflight. */
  readonly asked: boolean;
}

/** Runs a bundle, and returns its exports. `fetched` receives each request. */
export function loadInPage(code: string, fetched: Fetched[] = []): unknown {
  const context = createContext({ ...WEB, fetch: pageFetch(fetched), location: { origin: PAGE_ORIGIN } });
  return runInContext(`${code}; page`, context);
}

/** https://fetch.spec.whatwg.org/#cors-check, and opaque answers in place of redirects. */
function pageFetch(fetched: Fetched[]): typeof fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init);
    const { method, url } = request;
    const asked = await preflight(request);
    fetched.push({ method, url: new URL(url), headers: new Headers(request.headers), asked });
    const headers = new Headers(request.headers);
    headers.set("origin", PAGE_ORIGIN);
    const response = await fetch(url, { ...init, headers });
    check(response);
    if (response.status < 300 || response.status > 399) return response;
    return { type: "opaqueredirect", status: 0, headers: new Headers(), body: null } as unknown as Response;
  };
}

const SIMPLE = new Set(["accept", "content-type"]);

async function preflight({ method, url, headers }: Request): Promise<boolean> {
  const type = headers.get("content-type") ?? "text/plain";
  const names = [...headers.keys()].filter(
    (name) => !SIMPLE.has(name) || (name === "content-type" && !type.startsWith("text/plain")),
  );
  if (names.length === 0 && (method === "GET" || method === "POST")) return false;
  const response = await fetch(url, {
    method: "OPTIONS",
    headers: { origin: PAGE_ORIGIN, "access-control-request-method": method },
  });
  check(response);
  const allowed = listIn(response, "access-control-allow-headers");
  const isAllowed = listIn(response, "access-control-allow-methods").includes(method.toLowerCase());
  if (!response.ok || !isAllowed || names.some((name) => !allowed.includes(name))) throw refused();
  return true;
}

function listIn({ headers }: Response, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((one) => one.trim().toLowerCase());
}

function check({ headers }: Response): void {
  if (headers.get("access-control-allow-origin") !== PAGE_ORIGIN) throw refused();
}

/** All that a page is told. */
function refused(): TypeError {
  return new TypeError("Failed to fetch");
}
