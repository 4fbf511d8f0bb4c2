/**
 * The report of a batch that has ended, made from answers of the API: a directory, `fanjoin dev` and a stack
 * have the same.
 */
import { answer } from "../../api/http.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";
import { RequestError } from "../../api/problem.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import type { FailureGroup, LiveGroup } from "../../core/failures/failure-summary.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import type { Json } from "../../core/json/json.ts";

type Meta = Omit<ApiRequest, "body">;
type Handle = (request: ApiRequest) => Promise<ApiResponse>;

const REPORT = /^\/batches\/([^/]+)\/report$/;
/** Groups whose first items are read: each is a request. */
const MOST_GROUPS = 20;
const ITEMS = "3";
/** A larger result is not shown. */
const MAX_RESULT_BYTES = 64 * 1024;

/** `null`: the request is not for a report. Throws a `RequestError` before the end of the batch. */
export async function reportAnswer(handle: Handle, meta: Meta, now: number): Promise<ApiResponse | null> {
  const [, batch] = REPORT.exec(meta.path) ?? [];
  if (batch === undefined || (meta.method !== "GET" && meta.method !== "HEAD")) return null;
  const ask = async (path: string, query: Meta["query"] = {}): Promise<ApiResponse> => {
    const headers = { ...meta.headers, accept: "application/json" };
    return handle({ ...meta, method: "GET", path: `/batches/${batch}${path}`, query, headers, body: "" });
  };
  const first = await ask("");
  if (first.status !== 200) return first;
  const summary = JSON.parse(first.body) as BatchSummary;
  if (summary.endedAt === null)
    throw new RequestError(409, "BATCH_NOT_READY", "a report is made of a batch that has ended");
  const snapshot: BatchSnapshot = {
    at: now,
    summary,
    failures: await failuresOf(summary, ask),
    history: await parsed<BatchHistory>(await ask("/history")),
  };
  const isShown = summary.result !== null && summary.result.bytes <= MAX_RESULT_BYTES;
  const result = isShown ? await ask("/result") : null;
  // Loaded here: no other request needs it.
  const { reportHtml } = await import("../../page/report/report-html.ts");
  const shown = result?.status === 200 ? result.body : null;
  const html = reportHtml({ snapshot, madeAt: now, result: shown, command: null, raw: true });
  return answer(200, "text/html; charset=utf-8", html);
}

type Ask = (path: string, query?: Meta["query"]) => Promise<ApiResponse>;

async function failuresOf({ failures, items }: BatchSummary, ask: Ask): Promise<BatchSnapshot["failures"]> {
  const { groups = [], others = 0 } = failures ?? {};
  const shown: LiveGroup[] = [];
  for (const [at, group] of groups.entries())
    shown.push({ ...group, items: at < MOST_GROUPS ? await itemsOf(group, ask) : [] });
  return { groups: shown, others, of: items.failed };
}

async function itemsOf({ id }: FailureGroup, ask: Ask): Promise<readonly FailedLine[]> {
  if (id === undefined) return [];
  const page = await parsed<{ readonly items: readonly FailedLine[] }>(
    await ask("/failed", { group: id, limit: ITEMS }),
  );
  return page?.items ?? [];
}

/** `null`: there is none, as in a batch of an older fanjoin. */
async function parsed<T>({ status, body, more }: ApiResponse): Promise<T | null> {
  if (status !== 200) return null;
  const rest = more ? (await Array.fromAsync(more)).map(String).join("") : "";
  return JSON.parse(body + rest) as (T & Json) | null;
}
