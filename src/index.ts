/** The public entry point: everything that a job file imports. */
export { defineJob } from "./job/job.ts";
export type {
  Context,
  Job,
  JobDefinition,
  JobOptions,
  JobSettings,
  JoinedOf,
  Logger,
  Position,
  RateLimitSettings,
  RetrySettings,
  SetupContext,
} from "./job/job.ts";

export { csv, tsv } from "./input/csv.ts";
export { files } from "./input/files.ts";
export type { FileBytes, FileItem, FileText } from "./input/files/file-item.ts";
export { from } from "./input/from.ts";
export { items } from "./input/items.ts";
export { json } from "./input/json.ts";
export { jsonl } from "./input/jsonl.ts";
export { lines } from "./input/lines.ts";
export { range } from "./input/range.ts";
export type { GenerateContext, Reader } from "./input/reader.ts";

export { collect, count } from "./joins/count.ts";
export { max, min } from "./joins/extremes.ts";
export { fold } from "./joins/fold.ts";
export type { FoldSpec } from "./joins/fold.ts";
export { groupBy } from "./joins/group-by.ts";
export type { GroupKey, Groups } from "./joins/group-by.ts";
export { mean } from "./joins/mean.ts";
export { sum } from "./joins/sum.ts";
export type { Joins } from "./joins/typed-joins.ts";
export type { CallableJoin } from "./joins/callable.ts";
export type { Join } from "./joins/join.ts";

export { drop } from "./core/drop.ts";
export type { Drop } from "./core/drop.ts";
export { FanjoinError } from "./core/errors/errors.ts";
export { retryAfter } from "./core/limits/retry-after.ts";
export type { ErrorCode } from "./core/errors/errors.ts";
export type { ErrorClass } from "./core/retry.ts";
