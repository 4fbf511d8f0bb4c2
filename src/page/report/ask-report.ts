/** Asks the API for what a report is made of: a directory, `fanjoin dev` and a stack answer the same. */
import type { FailedItemsPage } from "../../api/answers.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import type { FailureGroup, LiveGroup } from "../../core/failures/failure-summary.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import type { Json } from "../../core/json/json.ts";
import type { ReportData } from "./report-data.ts";
import { repeatCommand } from "./repeat-command.ts";

/** What a report is made of, by its path below that of the batch. */
export type ReportPart = "" | "/history" | "/failed" | "/result";
/** Asks for a part of the batch. */
export type AskBatch = (part: ReportPart, query?: ApiRequest["query"]) => Promise<ApiResponse>;

export interface ReportOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the text of failed items is in it. */
  readonly raw: boolean;
  /** ` --stack prod`: what a command that starts batches there has behind it. `null`: that is not known. */
  readonly place: string | null;
}

/** `refused`: what the API said in place of the batch. */
export type AskedReport = { readonly data: ReportData } | { readonly refused: ApiResponse };

/** Groups whose first items are read: each is a request. */
const MOST_GROUPS = 20;
const ITEMS = "3";
/** A larger result is not shown. */
const MAX_RESULT_BYTES = 64 * 1024;

/** Throws `BATCH_NOT_READY` before the end of the batch. */
export async function askReport(ask: AskBatch, { now, raw, place }: ReportOptions): Promise<AskedReport> {
  const first = await ask("");
  if (first.status !== 200) return { refused: first };
  const summary = JSON.parse(await wholeText(first)) as BatchSummary;
  if (summary.endedAt === null)
    throw new FanjoinError("BATCH_NOT_READY", "a report is made of a batch that has ended");
  const failures = await failuresOf(summary, ask);
  const history = await parsed<BatchHistory>(await ask("/history"));
  const isShown = summary.result !== null && summary.result.bytes <= MAX_RESULT_BYTES;
  const answer = isShown ? await ask("/result") : null;
  const result = answer?.status === 200 ? await wholeText(answer) : null;
  return {
    data: {
      snapshot: { at: now, summary, failures, history },
      madeAt: now,
      result,
      command: place === null ? null : repeatCommand(summary, place),
      raw,
    },
  };
}

async function failuresOf(
  { failures, items }: BatchSummary,
  ask: AskBatch,
): Promise<BatchSnapshot["failures"]> {
  const { groups = [], others = 0 } = failures ?? {};
  const shown: LiveGroup[] = [];
  for (const [at, group] of groups.entries())
    shown.push({ ...group, items: at < MOST_GROUPS ? await itemsOf(group, ask) : [] });
  return { groups: shown, others, of: items.failed };
}

async function itemsOf({ id }: FailureGroup, ask: AskBatch): Promise<readonly FailedLine[]> {
  if (id === undefined) return [];
  const page = await parsed<FailedItemsPage>(await ask("/failed", { group: id, limit: ITEMS }));
  return page?.items ?? [];
}

/** `null`: there is none, as in a batch of an older fanjoin. */
async function parsed<T>(answer: ApiResponse): Promise<T | null> {
  if (answer.status !== 200) return null;
  return JSON.parse(await wholeText(answer)) as (T & Json) | null;
}

/** What a stack answers comes in blocks, which may end inside a character. */
export async function wholeText({ body, more }: ApiResponse): Promise<string> {
  if (!more) return body;
  const blocks = (await Array.fromAsync(more)).map((block) =>
    typeof block === "string" ? Buffer.from(block) : block,
  );
  return body + Buffer.concat(blocks).toString("utf8");
}
