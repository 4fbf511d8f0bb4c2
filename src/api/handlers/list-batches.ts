/** `GET /batches`: the batches of all jobs, newest first, in pages. */
import { BATCH_STATES, batchKey, hasEnded, stateOf } from "../../core/records/batch/batch.ts";
import { isRemoved } from "../../core/records/batch/removed-batch.ts";
import type { BatchState } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { BatchesAnswer } from "../answers.ts";
import { batchBefore, cursorAfter } from "../cursor.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { jobIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";
import { publicSummary } from "./batch-summary.ts";

export const MAX_LIMIT = 100;
export const DEFAULT_LIMIT = 20;
/** Limits for one page, so that a filter with few matches still answers in time. */
const RECORDS_PER_READ = 100;
const MAX_READS = 10;
/**
 * A Lambda answer has at most 6 MB, and contains the body as an escaped string:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;

const FILTERS = ["job", "state", "batch", "limit", "cursor"] as const;

interface Wanted {
  readonly job: string | null;
  /** `null`: any. */
  readonly states: ReadonlySet<BatchState> | null;
  /** Of batch ids. */
  readonly prefix: string;
  readonly limit: number;
  readonly before: string | null;
}

interface Found {
  readonly batch: string;
  readonly fields: Fields;
}

export async function listBatches(host: ApiHost, request: ApiRequest): Promise<ApiResponse> {
  const { batches, cursor } = await page(host, wantedBy(host, request));
  const all = await Promise.all(
    batches.map(async (record) => publicSummary(host, request, record, { details: false })),
  );
  const shown = fitting(all);
  const last = shown.at(-1);
  return json(200, {
    batches: shown,
    cursor: last && shown.length < all.length ? cursorAfter(last.batch) : cursor,
  } satisfies BatchesAnswer);
}

/** As many as one answer can hold, at least one. A summary can contain a result of 64 KiB. */
function fitting(summaries: readonly BatchSummary[]): readonly BatchSummary[] {
  let bytes = 0;
  const tooMany = summaries.findIndex((summary, place) => {
    bytes += Buffer.byteLength(JSON.stringify(summary));
    return place > 0 && bytes > MAX_PAGE_BYTES;
  });
  return tooMany < 0 ? summaries : summaries.slice(0, tooMany);
}

/** Throws `REQUEST_INVALID`, `JOB_UNKNOWN`. */
function wantedBy(host: ApiHost, { query, repeated = {} }: ApiRequest): Wanted {
  for (const name of Object.keys(query)) {
    if (!FILTERS.some((filter) => filter === name))
      throw badRequest(`there is no filter ${JSON.stringify(name)}: the filters are ${FILTERS.join(", ")}`);
  }
  const { job, state, batch = "", limit, cursor } = query;
  const states = repeated["state"] ?? (state === undefined ? [] : [state]);
  return {
    job: job === undefined ? null : jobIn(host, job),
    states: states.length === 0 ? null : new Set(states.map(stateIn)),
    prefix: prefixIn(batch),
    limit: limit === undefined ? DEFAULT_LIMIT : limitIn(limit),
    before: cursor === undefined ? null : batchBefore(cursor),
  };
}

function stateIn(text: string): BatchState {
  const state = BATCH_STATES.find((name) => name === text);
  if (state) return state;
  throw badRequest(`state must be one of ${BATCH_STATES.join(", ")}, but is ${JSON.stringify(text)}`);
}

function prefixIn(text: string): string {
  if (/^[0-9A-Za-z]{0,64}$/.test(text)) return text.toUpperCase();
  throw badRequest(`batch must be the beginning of an id, but is ${JSON.stringify(text)}`);
}

function limitIn(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw badRequest(`limit must be a whole number from 1 to ${MAX_LIMIT}, but is ${JSON.stringify(text)}`);
}

async function page(
  host: ApiHost,
  wanted: Wanted,
): Promise<{ readonly batches: readonly Found[]; readonly cursor: string | null }> {
  const key = batchKey(wanted.prefix);
  const options = { descending: true, ...(areOpen(wanted.states) ? { having: "open" as const } : {}) };
  const batches: Found[] = [];
  let last = wanted.before;
  for (let reads = 0; reads < MAX_READS; reads++) {
    const after = last === null ? null : batchKey(last);
    const records = await host.ledger.list(key, after, RECORDS_PER_READ, options);
    for (const { key, fields } of records) {
      last = key.slice(batchKey("").length);
      const batch = last;
      if (isRemoved(fields) || !matches(fields, wanted, () => host.isWorkedOn(batch))) continue;
      batches.push({ batch, fields });
      if (batches.length === wanted.limit) return { batches, cursor: cursorAfter(last) };
    }
    if (records.length < RECORDS_PER_READ) return { batches, cursor: null };
  }
  return { batches, cursor: last === null ? null : cursorAfter(last) };
}

/** Open batches have an index of their own, because they are few among all batches. */
function areOpen(states: Wanted["states"]): boolean {
  return states !== null && [...states].every((state) => OPEN_STATES.has(state));
}

const OPEN_STATES: ReadonlySet<BatchState> = new Set([
  "planning",
  "running",
  "paused",
  "interrupted",
  "cancelling",
]);

function matches(fields: Fields, { job, states }: Wanted, isWorkedOn: () => boolean): boolean {
  if (job !== null && fields["job"] !== job) return false;
  return states === null || states.has(stateOf(fields, hasEnded(fields) || isWorkedOn()));
}
