/** One evaluation of a job's module, and the runs in it. */
import type { Json } from "../../core/json/json.ts";
import type { Job } from "../../job/job.ts";
import type { BatchAnswer } from "../answer.ts";
import { chance } from "../../core/chance.ts";
import type { CheckedInput } from "../test-input.ts";
import { prepareBatch } from "../prepare-batch.ts";
import type { PreparedBatch } from "../prepare-batch.ts";
import { runBatch } from "../run-batch.ts";
import { SILENT } from "../silent-log.ts";
import { cutsOf, rawItems, singleItems } from "./single-items.ts";
import type { SingleItem } from "./single-items.ts";
import type { Variant } from "./variant.ts";

/** An input with a number, by which a copy knows it again. */
export interface NumberedInput {
  readonly number: number;
  readonly given: CheckedInput;
}

/** A job, evaluated once: all runs in one copy share the state of its module. */
export interface JobCopy {
  /** How many items the input has. */
  count(input: NumberedInput): Promise<number>;
  /** The input, divided into parts with one item each. `null` if it cannot be divided. */
  divide(input: NumberedInput): Promise<readonly CheckedInput[] | null>;
  /** Runs the input in the way of `variant`. */
  answer(input: NumberedInput, variant: Variant): Promise<BatchAnswer>;
  close(): Promise<void>;
}

interface Prepared {
  readonly number: number;
  readonly batch: PreparedBatch;
  readonly items: readonly SingleItem[];
}

export function jobCopy(job: Job, params: Json): JobCopy {
  let last: Prepared | null = null;
  async function prepared({ number, given }: NumberedInput): Promise<Prepared> {
    if (last?.number === number) return last;
    const batch = await prepareBatch(job, given, { params, chunk: null });
    // Judged with the whole input, not with a part of it.
    const { enough: _enough, ...spec } = batch.spec;
    const tolerant = { ...batch, spec: { ...spec, tolerate: { count: null, percent: null } } };
    last = { number, batch: tolerant, items: await singleItems(tolerant) };
    return last;
  }
  return {
    count: async (input) => (await prepared(input)).items.length,
    async divide(input) {
      const { batch, items } = await prepared(input);
      const { given } = input;
      if ("sources" in given && job.input.kind === "files") {
        return given.sources.map((source) => ({ sources: [source] }));
      }
      const raw = await rawItems(batch, items);
      return raw && raw.map((item) => ({ items: [item] }));
    },
    async answer(input, { sizes, fanIn, order, twice }) {
      const { batch, items } = await prepared(input);
      return runBatch(batch, {
        log: SILENT,
        cuts: cutsOf(items, sizes),
        fanIn,
        pick: pickerOf(order),
        twice,
      });
    },
    close: async () => undefined,
  };
}

function pickerOf(order: Variant["order"]): (waiting: number) => number {
  if (order === "input") return () => 0;
  if (order === "reversed") return (waiting) => Math.max(0, waiting - 1);
  const random = chance(order);
  return (waiting) => random.below(waiting);
}
