/** A stack with a job over integers that notes when each of them was called. */
import * as fc from "fast-check";
import type { Totals } from "../../../src/core/records/totals.ts";
import { SplitView } from "../../../src/core/records/split.ts";
import { nodeKey } from "../../../src/core/records/tree.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import type { JobSettings } from "../../../src/job/job.ts";
import { countingJob } from "../../steps/jobs.ts";
import { integers } from "../stack/inputs.ts";
import { SAMPLE_BATCH, memoryStack } from "../stack/stack.ts";
import type { Stack, StackSettings } from "../stack/stack-interface.ts";

export interface Call {
  readonly n: number;
  readonly at: number;
}

/** A job over `items` integers whose `process` is told the time, and how often the item was called before. */
export function stage(
  items: number,
  process: (n: number, before: number) => unknown,
  { settings = {}, ...stackSettings }: StackSettings & { readonly settings?: JobSettings } = {},
) {
  const calls: Call[] = [];
  const job = countingJob(
    items,
    (n: number) => {
      const before = calls.filter((call) => call.n === n).length;
      calls.push({ n, at: stack.clock.now() });
      return process(n, before);
    },
    settings,
  );
  const stack: Stack = memoryStack([job], stackSettings);
  const submit = (options: Partial<BatchSpec> = {}): Promise<void> =>
    stack.submit(integers(items), { chunk: { items, bytes: null }, ...options });
  const callsOf = (wanted: number): Call[] => calls.filter(({ n }) => n === wanted);
  return { stack, calls, callsOf, submit };
}

/** The split of the first chunk. */
export function splitOf({ ledger }: Stack, generation = 0): SplitView {
  const node = { batch: SAMPLE_BATCH, generation, level: -1, index: 0 };
  return new SplitView(ledger.records.get(nodeKey(node)) ?? {});
}

/** The outcomes of all items, in order. */
export const upTo = (items: number): string => Array.from({ length: items }, (_, n) => `${n},`).join("");

/** Runs items of these kinds, any number of them, so many at once. */
export async function withAnyItems(
  kinds: readonly string[],
  run: (items: readonly string[], concurrency: number) => Promise<void>,
): Promise<void> {
  const items = fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 30 });
  await fc.assert(fc.asyncProperty(items, fc.integer({ min: 1, max: 6 }), run), { numRuns: 100 });
}

interface Outcome {
  readonly counts: readonly unknown[];
  readonly order: unknown;
  readonly failed: readonly unknown[];
}

/** What has become of the items of a batch that has ended. */
export function outcomeOf(stack: Stack): Outcome {
  const { chunks, lost, broken, succeeded, failed, units } = stack.batch()["totals"] as unknown as Totals;
  const value = stack.files().result?.value as { readonly order?: unknown } | undefined;
  const counts = [chunks, lost, broken, succeeded, failed, units];
  return { counts, order: value?.order, failed: stack.failed().map(({ index }) => index) };
}

/** Each item counts once, in order. Those of the kind "fails" have failed. */
export function eachOnce(items: readonly string[]): Outcome {
  const failed = items.flatMap((kind, n) => (kind === "fails" ? [n] : []));
  const order = items.map((kind, n) => (kind === "fails" ? "" : `${n},`)).join("");
  const counts = [1, 0, 0, items.length - failed.length, failed.length, items.length];
  return { counts, order, failed };
}
