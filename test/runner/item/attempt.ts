/** Attempts at a single item of a job made for a test. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineJob } from "../../../src/job/job.ts";
import type { Context, JobSettings } from "../../../src/job/job.ts";
import { range } from "../../../src/input/range.ts";
import type { Records } from "../../../src/input/reader.ts";
import { attemptItem } from "../../../src/runner/item/attempt-item.ts";
import type { Outcome } from "../../../src/runner/item/item-outcome.ts";
import { sleep } from "../../../src/runner/sleep.ts";
import type { ChunkContext } from "../../../src/runner/item/item-context.ts";

export interface ItemSettings extends JobSettings {
  readonly item?: StandardSchemaV1;
  readonly process?: (item: unknown, context: Context) => unknown;
  readonly context?: Partial<ChunkContext>;
}

const say = (): void => undefined;

export function attempt(value: unknown, settings: ItemSettings): Outcome | Promise<Outcome> {
  const { chunk, records } = chunkOfOne(value, settings);
  return attemptItem(chunk, records, 0);
}

/** A chunk of this item. */
export function chunkOfOne(
  value: unknown,
  { item, process = (given) => given, context = {}, ...settings }: ItemSettings,
): { readonly chunk: ChunkContext; readonly records: Records } {
  const job = defineJob({
    name: "one",
    input: range(1),
    item,
    process,
    ...settings,
  });
  const records: Records = {
    values: [value],
    unreadable: null,
    lines: 1,
    locate: () => ({ offset: 12, line: 3, raw: "raw", key: 12 }),
  };
  const chunk: ChunkContext = {
    job,
    params: { limit: 1 },
    own: undefined,
    batch: "01BATCH",
    source: 2,
    label: "in.csv",
    chunk: 4,
    log: { debug: say, info: say, warn: say, error: say },
    signal: new AbortController().signal,
    leavesUntil: null,
    waitedMs: 0,
    deadlineAt: 1000,
    now: () => 400,
    random: () => 0,
    sleep,
    aside: null,
    gate: null,
    ...context,
  };
  return { chunk, records };
}

export function schema(validate: (value: unknown) => unknown): StandardSchemaV1 {
  return { "~standard": { version: 1, vendor: "test", validate: validate as never } };
}
