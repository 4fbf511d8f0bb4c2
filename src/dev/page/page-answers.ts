/** The answers of a server that are for its page. */
import { RequestError } from "../../api/problem.ts";
import { HTML_TYPE, answer, json, seeOther } from "../../api/http.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import { METRICS_TYPE } from "../prometheus.ts";
import type { PlaceView } from "../../page/place-view.ts";
import type { OpenedPage, Sessions } from "./sessions.ts";

/** The page as one HTML file, and the whole value of its `content-security-policy`. */
export type PageSource = () => Promise<{ readonly html: string; readonly csp: string }>;

export interface PageServing {
  readonly sessions: Sessions;
  /** `null`: this server has no page. */
  readonly html: PageSource | null;
  readonly place: PlaceView;
  /** What there is to measure, as Prometheus reads it. */
  readonly metrics: (() => Promise<string>) | null;
}

/** The addresses of the page. Those of files below a batch are of the API alone: links to them download. */
const PAGES = [/^\/$/, /^\/batches\/[^/]+$/, /^\/jobs(?:\/[^/]+)?$/];

type Meta = Omit<ApiRequest, "body">;

/** `null`: the request is not for the page. It holds nothing secret, so that it needs no cookie. */
export async function pageAnswer(
  { html }: PageServing,
  { method, path, headers }: Meta,
): Promise<ApiResponse | null> {
  const isRead = method === "GET" || method === "HEAD";
  const wantsPage = /\btext\/html\b/.test(headers["accept"] ?? "");
  if (!html || !isRead || !wantsPage || !PAGES.some((page) => page.test(path))) return null;
  const { html: body, csp } = await html();
  return answer(200, HTML_TYPE, body, {
    "content-security-policy": csp,
    "referrer-policy": "no-referrer",
    vary: "accept",
  });
}

/** The browser goes on to the page, without the address that was used up. */
export function openedAnswer({ cookie, location }: OpenedPage): ApiResponse {
  const to = seeOther(location);
  return { ...to, headers: { ...to.headers, ...(cookie === null ? {} : { "set-cookie": cookie }) } };
}

/** What a server has besides its API; `null`: the request is for the API. */
export async function placeAnswer(
  { place, metrics }: PageServing,
  { method, path }: Meta,
): Promise<ApiResponse | null> {
  const isOwn = path === "/place" || (path === "/metrics" && metrics !== null);
  if (!isOwn) return null;
  if (method !== "GET" && method !== "HEAD")
    throw new RequestError(405, "REQUEST_INVALID", "this path allows only GET, HEAD", { allow: "GET, HEAD" });
  return path === "/place" || !metrics ? json(200, place) : answer(200, METRICS_TYPE, await metrics());
}
