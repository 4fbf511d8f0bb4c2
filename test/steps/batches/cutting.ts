/** Jobs and inputs of all readers, whose chunks are cut. */
import { gzipSync } from "node:zlib";
import { chance } from "../../../src/core/chance.ts";
import { SplitView } from "../../../src/core/records/split.ts";
import { csv } from "../../../src/input/csv.ts";
import { from } from "../../../src/input/from.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { range } from "../../../src/input/range.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import type { Cutting } from "../../../src/runner/chunk/cutting/cutting.ts";
import { inOrder } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

export const ITEMS = 40;
export const numbers = Array.from({ length: ITEMS }, (_, n) => n);
const rows = numbers.map((n) => (n % 3 === 0 ? `${n},"a ""quoted""\nnote, ${n}"` : `${n},plain`));

/** An item whose number ends in 7 fails, until it is repaired. */
export function jobOf(input: Reader, repaired = { is: false }, ran: string[] = []): Job {
  return defineJob({
    name: "cut",
    input,
    process(item: unknown) {
      const text = JSON.stringify(item);
      ran.push(text);
      if (!repaired.is && /\b\d*7\b/.test(text)) throw new RangeError(`${text} is bad`);
      return text;
    },
    join: { order: inOrder, all: collect() },
    retries: 0,
  });
}

export interface Kind {
  readonly name: string;
  readonly input: Reader;
  readonly inputs?: { readonly [label: string]: string | Uint8Array };
}

const text = (body: string) => ({ inputs: { in: body } });
export const KINDS: readonly Kind[] = [
  { name: "csv", input: csv(), ...text(`id,note\n${rows.join("\n")}\n`) },
  { name: "packed csv", input: csv(), inputs: { "in.gz": gzipSync(`id,note\n${rows.join("\n")}\n`) } },
  { name: "lines", input: lines(), ...text(numbers.map((n) => `line ${n}`).join("\n")) },
  { name: "jsonl", input: jsonl(), ...text(numbers.map((n) => `{"n":${n}}`).join("\n\n")) },
  { name: "json", input: json(), ...text(JSON.stringify(numbers.map((n) => ({ n })))) },
  { name: "range", input: range(ITEMS) },
  { name: "from", input: from(() => numbers.map((n) => ({ n }))) },
];

export function cuttingFrom(seed: number): Cutting {
  const random = chance(seed);
  return {
    isDue: () => random.oneIn(6),
    mayCut: () => true,
    partsFor: () => 1 + random.below(4),
    isLate: () => false,
  };
}

export async function run(kind: Kind, job: Job, cutting?: Cutting): Promise<Stage> {
  const one = await stage({
    job,
    chunk: { items: 15 },
    ...(kind.inputs ? { inputs: kind.inputs } : {}),
    ...(cutting ? { cutting } : {}),
  });
  await one.submit();
  await one.pump();
  return one;
}

export function outcomeOf(one: Stage): object {
  const { totals, state } = one.batch();
  const { chunks, lost, broken, succeeded, failed } = totals as Record<string, number>;
  const counts = { chunks, lost, broken, succeeded, failed };
  return { counts, state, result: one.result(), outputs: one.outputs(), failed: one.failed() };
}

export function splits(one: Stage, generation = 0): SplitView[] {
  const prefix = `node/${BATCH}/${generation}/-1/`;
  return [...one.ledger.records].flatMap(([key, fields]) =>
    key.startsWith(prefix) ? [new SplitView(fields)] : [],
  );
}
