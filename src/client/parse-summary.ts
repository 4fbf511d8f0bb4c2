/** Parses batch summaries of an endpoint, which may be something else than fanjoin, or a newer one. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import { failureSummary } from "../core/failures/failure-summary.ts";
import type { BatchState } from "../core/records/batch/batch.ts";
import {
  anything,
  count,
  flag,
  matching,
  maybe,
  number,
  object,
  oneOf,
  partAt,
  text,
} from "../core/json/shape.ts";
import type { Check } from "../core/json/shape.ts";
import { show } from "../option-check.ts";
import { notFanjoin } from "./http/answer.ts";
import type { Base } from "./base.ts";

/** Whether a batch in this state has ended. */
const STATES = {
  planning: false,
  running: false,
  paused: false,
  interrupted: false,
  cancelling: false,
  succeeded: true,
  "completed-with-failures": true,
  failed: true,
  cancelled: true,
} as const satisfies Record<BatchState, boolean>;

const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const summary = object({
  batch: matching(/^[0-9A-Z]{1,64}$/),
  job: matching(/^[a-z][a-z0-9-]{0,62}$/),
  state: oneOf(Object.keys(STATES)),
  items: object({ total: nullable(count), succeeded: count, failed: count, skipped: nullable(count) }),
  chunks: object({ total: nullable(count), settled: count, skipped: count }),
  // A stack that was deployed earlier does not know these six, nor `report` and `failures`.
  damaged: maybe(count),
  maxItems: maybe(count),
  incomplete: maybe(flag),
  enough: maybe(text),
  larger: maybe(count),
  settings: maybe(
    object({
      threads: maybe(count),
      priority: maybe(number),
      inFlight: maybe(count),
      perSecond: maybe(number),
    }),
  ),
  cost: maybe(object({ usd: number, parts: object({ compute: number, requests: number }) })),
  hedges: maybe(object({ sent: count, won: count })),
  planned: maybe(object({ chunks: count })),
  progress: maybe(
    object({
      units: count,
      of: nullable(count),
      unit: maybe(text),
      failedBefore: nullable(count),
      inFlight: maybe(count),
      waiting: maybe(count),
      secondsLeft: maybe(object({ least: count, most: count })),
    }),
  ),
  reproduces: maybe(object({ batch: text, chunks: count })),
  createdAt: time,
  redrivenAt: maybe(time),
  endedAt: nullable(time),
  seconds: nullable(number),
  result: nullable(object({ path: text, bytes: count, value: anything })),
  outputs: nullable(object({ path: text, bytes: count, files: maybe(object({ count, bytes: count })) })),
  failed: nullable(object({ path: text })),
  report: maybe(object({ path: text })),
  failures: maybe(failureSummary),
  error: nullable(object({ code: text, message: text })),
});

/** `null` passes, but the property must be there. */
function nullable(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

/** Throws `ENDPOINT_UNUSABLE`. */
export function parseSummary(document: unknown, base: Base): BatchSummary {
  const wrong = summary(document);
  if (wrong === "") throw notFanjoin(base, "its batch summary is missing");
  if (wrong !== null) {
    const there = show(partAt(document, wrong) ?? null);
    throw notFanjoin(
      base,
      `in its batch summary, ${wrong.slice(1)} is ${there}, or it is newer than this command`,
    );
  }
  const parsed = document as BatchSummary;
  if (STATES[parsed.state] === (parsed.endedAt !== null)) return parsed;
  throw notFanjoin(
    base,
    `its batch summary has the state ${parsed.state}, and endedAt is ${show(parsed.endedAt)}`,
  );
}
