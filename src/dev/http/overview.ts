/** `GET /`: says what is here. It needs no token and shows none. */
import type { ApiHost } from "../../api/host.ts";
import { HTML_TYPE, answer } from "../../api/http.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import { openApiDocument } from "../../api/openapi/openapi.ts";
import { RequestError } from "../../api/problem.ts";
import { ROUTES } from "../../api/routes.ts";
import type { JsonObject } from "../../core/json/json.ts";
import { overviewPage } from "./overview-page.ts";
import { overviewText } from "./overview-text.ts";

export interface ServedJob {
  readonly name: string;
  /** Its input in a few words. */
  readonly input: string;
  /** The body of a request that starts a batch; `null` if it needs none. */
  readonly body: string | null;
}

export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
}

export interface Overview {
  /** The URL of the server. */
  readonly base: string;
  readonly jobs: readonly ServedJob[];
  readonly routes: readonly ServedRoute[];
}

/** A page for a browser, plain text for everything else. Throws a `RequestError` with status 405. */
export async function overview(
  host: Pick<ApiHost, "jobs" | "describe">,
  { method, base, headers }: Pick<ApiRequest, "method" | "base" | "headers">,
): Promise<ApiResponse> {
  if (method !== "GET" && method !== "HEAD")
    throw new RequestError(405, "REQUEST_INVALID", "this path allows only GET, HEAD", { allow: "GET, HEAD" });
  const jobs = await Promise.all(host.jobs.map(async (name) => served(host, name)));
  const view: Overview = { base, jobs, routes: routesOf(base) };
  const vary = { vary: "accept" };
  if (!/\btext\/html\b/.test(headers["accept"] ?? ""))
    return answer(200, "text/plain; charset=utf-8", overviewText(view), vary);
  return answer(200, HTML_TYPE, overviewPage(view), { ...vary, ...PAGE_HEADERS });
}

/** The page loads nothing and runs nothing. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

async function served(host: Pick<ApiHost, "describe">, name: string): Promise<ServedJob> {
  try {
    const { kind, own } = (await host.describe(name)).input;
    if (own) return { name, input: `brings its own items (${kind})`, body: null };
    return { name, input: `reads ${kind}`, body: `{"input":${EXAMPLES[kind] ?? '{"items":[]}'}}` };
  } catch {
    return { name, input: "cannot be loaded; GET /jobs says why", body: null };
  }
}

const EXAMPLES: { readonly [kind: string]: string } = {
  csv: '{"items":[{"column":"value"}]}',
  files: '{"object":"s3://local/inputs/a.txt"}',
  json: '{"items":[{"key":"value"}]}',
  jsonl: '{"items":[{"key":"value"}]}',
  lines: '{"items":["one line"]}',
};

function routesOf(base: string): readonly ServedRoute[] {
  const paths = openApiDocument(base)["paths"] as JsonObject;
  return ROUTES.map(({ method, path }) => {
    const operations = paths[path] as JsonObject;
    const { summary = "" } = operations[method.toLowerCase()] as { readonly summary?: string };
    return { method, path, summary };
  });
}
