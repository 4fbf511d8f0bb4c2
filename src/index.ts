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
export { parquet } from "./input/parquet.ts";
export { range } from "./input/range.ts";
export type { GenerateContext, Reader } from "./input/reader.ts";

export { collect, count, countIf } from "./joins/exact/count.ts";
export { histogram } from "./joins/exact/histogram.ts";
export type { Histogram } from "./joins/exact/histogram.ts";
export { mean } from "./joins/exact/mean.ts";
export { sum } from "./joins/exact/sum.ts";
export { stddev, variance } from "./joins/exact/variance.ts";
export type { VarianceOptions } from "./joins/exact/variance.ts";
export { fold } from "./joins/fold.ts";
export type { FoldSpec } from "./joins/fold.ts";
export type { GroupKey } from "./joins/group-key.ts";
export { groupBy } from "./joins/groups/group-by.ts";
export type { GroupedJoin, Groups } from "./joins/groups/group-by.ts";
export type { Group, OrderedJoin } from "./joins/groups/ordered-groups.ts";
export { all, any } from "./joins/order/any-all.ts";
export { max, min } from "./joins/order/extremes.ts";
export { first, last } from "./joins/order/first-last.ts";
export { bottom, maxBy, minBy, top } from "./joins/order/top.ts";
export { distinct } from "./joins/sketch/distinct.ts";
export type { Distinct } from "./joins/sketch/distinct.ts";
export { quantiles } from "./joins/sketch/quantiles.ts";
export type { Quantiles } from "./joins/sketch/quantiles.ts";
export { sample } from "./joins/sketch/sample.ts";
export type { SampleOptions } from "./joins/sketch/sample.ts";
export type { CollectByOptions } from "./joins/keyed-outputs.ts";
export type { Joins } from "./joins/typed-joins.ts";
export type { CallableJoin } from "./joins/callable.ts";
export type { Join } from "./joins/join.ts";

export { drop } from "./core/drop.ts";
export type { Drop } from "./core/drop.ts";
export { FanjoinError } from "./core/errors/errors.ts";
export { retryAfter } from "./core/limits/retry-after.ts";
export type { ErrorCode } from "./core/errors/errors.ts";
export type { ErrorClass } from "./core/retry.ts";
