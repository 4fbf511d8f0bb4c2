/** The shape of a batch's record. */
import {
  anything,
  count,
  flag,
  list,
  matching,
  maybe,
  number,
  object,
  oneOf,
  text,
  where,
} from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import { isObject } from "../../core/json/json.ts";
import { BY_KEY, LIMITED, MANY } from "../../batch/spec.ts";
import type { BatchState } from "../../core/records/batch/batch.ts";
import { failureSummary } from "../../core/failures/failure-summary.ts";
import { TRACEPARENT } from "../../core/traceparent.ts";
import { readerKinds } from "../../input/kinds.ts";
import { pulledChunk, pulledSource } from "../../batch/pulled/pulled-shape.ts";
import { batchId, jobName, resultName, sourceName } from "./forms.ts";

/** The states that may be stored. */
const STATES = {
  planning: true,
  running: true,
  cancelling: true,
  succeeded: true,
  "completed-with-failures": true,
  failed: true,
  cancelled: true,
} as const satisfies Record<Exclude<BatchState, "interrupted" | "paused">, true>;

/** The most that a `Date` holds. https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MAX_TIME_MS = 8.64e15;

const time = where((value) => Number.isSafeInteger(value) && Math.abs(Number(value)) <= MAX_TIME_MS);
const state = oneOf(Object.keys(STATES));
const failure = object({ code: matching(/^[A-Z_]+$/), message: text });

const source = object({ name: sourceName, label: text, size: count, version: text });

const reader = oneOf(Object.keys(readerKinds));
const sources = { options: object({}), sources: list(source) };
const wholeInput = object({ reader, units: maybe(count), ...sources });
const firstItems = object({ of: reader, maxItems: count, units: maybe(count), ...sources });
const listed = object({
  name: sourceName,
  version: text,
  count,
  bytes: count,
  lastBytes: count,
  measured: flag,
});
const named = object({ prefix: maybe(text), manifest: maybe(source) });
const many = object({
  runs: maybe(flag),
  of: reader,
  maxItems: maybe(count),
  list: maybe(listed),
  from: maybe(named),
  ...sources,
});
const INPUTS: { readonly [reader: string]: Check } = { [LIMITED]: firstItems, [MANY]: many };
const input: Check = (value) => {
  const form = isObject(value) && typeof value["reader"] === "string" ? value["reader"] : "";
  const check = Object.hasOwn(INPUTS, form) ? INPUTS[form] : undefined;
  return (check ?? wholeInput)(value);
};

const totals = object({
  chunks: number,
  lost: number,
  broken: number,
  succeeded: number,
  failed: number,
  units: number,
  ms: number,
  damaged: maybe(number),
  mbs: maybe(number),
  fees: maybe(number),
});

const reproduction = object({
  batch: batchId,
  sources: list(pulledSource),
  chunks: list(where((value) => pulledChunk(value) === null && placed(value) === null)),
});
const placed = object({ offset: count });

const positive = where((value) => Number.isFinite(value) && Number(value) > 0);
const rateLimit = object({ perSecond: positive, burst: positive, key: maybe(matching(/^[\w.-]{1,100}$/)) });

/** `ending` is why it ends, `endedAt` when it ended. */
const running = object({
  generation: maybe(count),
  job: jobName,
  input,
  unlisted: maybe(flag),
  params: anything,
  chunk: object({ items: maybe(number), bytes: maybe(number) }),
  concurrency: maybe(number),
  rateLimit: maybe(rateLimit),
  inFlight: maybe(count),
  adaptive: maybe(flag),
  collects: maybe(where((value) => typeof value === "boolean" || value === BY_KEY)),
  tolerateCount: maybe(number),
  toleratePercent: maybe(number),
  tolerateSample: maybe(number),
  enoughItems: maybe(number),
  enoughPercent: maybe(number),
  enoughAt: maybe(time),
  hedge: maybe(flag),
  createdAt: time,
  deadlineAt: time,
  idleMs: maybe(count),
  redrivenAt: maybe(time),
  jobFile: maybe(text),
  owner: maybe(text),
  code: maybe(text),
  reproduces: maybe(reproduction),
  maxCostUsd: maybe(number),
  tells: maybe(flag),
  news: maybe(object({ tries: count, at: time, told: list(text) })),
  trace: maybe(matching(TRACEPARENT)),
  fanjoin: maybe(text),
  retry: maybe(object({ attempts: count, timeoutMs: count })),
  chunks: maybe(count),
  ending: maybe(text),
  enough: maybe(text),
  error: maybe(failure),
  closed: maybe(list(count)),
  former: maybe(object({ state: maybe(state), error: maybe(failure) })),
  redrive: maybe(object({ codes: maybe(list(text)), classes: maybe(list(text)), groups: maybe(list(text)) })),
  remerge: maybe(flag),
  short: maybe(flag),
  laid: maybe(count),
  launched: maybe(count),
  paused: maybe(time),
  launch: maybe(count),
  relaunched: maybe(count),
  setThreads: maybe(count),
  setPriority: maybe(number),
  setInFlight: maybe(count),
  setPerSecond: maybe(positive),
  extend: maybe(count),
  first: maybe(count),
  totals: maybe(totals),
});

/** The record of `batch`. */
export function batchRecord(batch: string): Check {
  const stored = (file: "result" | "outputs" | "failed"): Check =>
    maybe(
      object({
        name: resultName(batch, file),
        bytes: count,
        files: maybe(object({ count, bytes: count })),
        failures: maybe(failureSummary),
      }),
    );
  const files = object({ result: stored("result"), outputs: stored("outputs"), failed: stored("failed") });
  const withFiles = object({ result: maybe(files) });
  return (value) => running(value) ?? withFiles(value) ?? withEnd(value);
}

const ended = object({ endedAt: time, state, totals });
const redriven = object({ totals });

/** What a batch has that has ended, or had ended before its redrive. The record is an object already. */
const withEnd: Check = (value) => {
  const { endedAt, generation } = value as { readonly endedAt?: unknown; readonly generation?: unknown };
  if (endedAt !== undefined) return ended(value);
  return Number(generation ?? 0) > 0 ? redriven(value) : null;
};
