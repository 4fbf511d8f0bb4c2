/** Chunks that are cut, with the real steps: whatever the reader, the result is that of one run. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { recover } from "../../../src/steps/recovering/recover.ts";
import { readTotals } from "../../../src/batch/summary/progress.ts";
import { chance } from "../../../src/core/chance.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
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
import { BATCH, stage } from "../stage.ts";
import type { Stage } from "../stage.ts";
import { cancel } from "../../../src/batch/submit.ts";
import type { RedriveFilter } from "../../../src/core/failures/redrive-filter.ts";

const ITEMS = 40;
const numbers = Array.from({ length: ITEMS }, (_, n) => n);
const rows = numbers.map((n) => (n % 3 === 0 ? `${n},"a ""quoted""\nnote, ${n}"` : `${n},plain`));

/** An item whose number ends in 7 fails, until it is repaired. */
function jobOf(input: Reader, repaired = { is: false }, ran: string[] = []): Job {
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

interface Kind {
  readonly name: string;
  readonly input: Reader;
  readonly inputs?: { readonly [label: string]: string | Uint8Array };
}

const text = (body: string) => ({ inputs: { in: body } });
const KINDS: readonly Kind[] = [
  { name: "csv", input: csv(), ...text(`id,note\n${rows.join("\n")}\n`) },
  { name: "packed csv", input: csv(), inputs: { "in.gz": gzipSync(`id,note\n${rows.join("\n")}\n`) } },
  { name: "lines", input: lines(), ...text(numbers.map((n) => `line ${n}`).join("\n")) },
  { name: "jsonl", input: jsonl(), ...text(numbers.map((n) => `{"n":${n}}`).join("\n\n")) },
  { name: "json", input: json(), ...text(JSON.stringify(numbers.map((n) => ({ n })))) },
  { name: "range", input: range(ITEMS) },
  { name: "from", input: from(() => numbers.map((n) => ({ n }))) },
];

function cuttingFrom(seed: number): Cutting {
  const random = chance(seed);
  return {
    isDue: () => random.oneIn(6),
    mayCut: () => true,
    partsFor: () => 1 + random.below(4),
    isLate: () => false,
  };
}

async function run(kind: Kind, job: Job, cutting?: Cutting): Promise<Stage> {
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

function outcomeOf(one: Stage): object {
  const { totals, state } = one.batch();
  const { chunks, lost, broken, succeeded, failed } = totals as Record<string, number>;
  const counts = { chunks, lost, broken, succeeded, failed };
  return { counts, state, result: one.result(), outputs: one.outputs(), failed: one.failed() };
}

function splits(one: Stage, generation = 0): SplitView[] {
  const prefix = `node/${BATCH}/${generation}/-1/`;
  return [...one.ledger.records].flatMap(([key, fields]) =>
    key.startsWith(prefix) ? [new SplitView(fields)] : [],
  );
}

test("a chunk is not cut while that does not pay for opening its input anew", async () => {
  const kind = KINDS[0] as Kind;
  const asked: [number, number][] = [];
  const always = { isDue: () => true, mayCut: () => true, partsFor: () => 2, isLate: () => false };
  const pays = (openingMs: number, workedMs: number): boolean => {
    asked.push([openingMs, workedMs]);
    return false;
  };
  const one = await run(kind, jobOf(kind.input), { ...always, pays });
  expect(splits(one)).toEqual([]);
  expect(asked.length).toBeGreaterThan(ITEMS / 2);
  expect(asked.every(([openingMs, workedMs]) => openingMs >= 0 && workedMs >= 0)).toBe(true);
  expect(splits(await run(kind, jobOf(kind.input), always)).length).toBeGreaterThan(0);
});

/** The same job with items that are awaited, so many at the same time. */
function awaited(job: Job, concurrency: number): Job {
  return {
    ...job,
    options: { ...job.options, concurrency },
    async process(item: unknown, context: Parameters<Job["process"]>[1]) {
      await new Promise(setImmediate);
      return job.process(item, context);
    },
  };
}

test.for([1, 4])(
  "chunks whose items are awaited, %i at the same time, are cut where they are",
  async (at) => {
    for (const kind of KINDS) {
      const expected = outcomeOf(await run(kind, awaited(jobOf(kind.input), at)));
      let parts = 0;
      for (const seed of [1, 2, 3]) {
        const one = await run(kind, awaited(jobOf(kind.input), at), cuttingFrom(seed));
        expect(outcomeOf(one)).toEqual(expected);
        expect(one.log).toEqual([]);
        parts += splits(one).length;
      }
      expect(parts).toBeGreaterThan(2);
    }
  },
);

describe.each(KINDS)("chunks of $name", (kind) => {
  test("that are cut have the result, the failed items and their positions of chunks that are not", async () => {
    const expected = outcomeOf(await run(kind, jobOf(kind.input)));
    let parts = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const one = await run(kind, jobOf(kind.input), cuttingFrom(seed));
      expect(outcomeOf(one)).toEqual(expected);
      expect(one.log).toEqual([]);
      parts += splits(one).reduce((sum, { expects }) => sum + expects, 0);
    }
    expect(parts).toBeGreaterThan(20);
  });

  test("whose items wait, several at a time, are cut behind the last one that is done", async () => {
    const plain = jobOf(kind.input);
    const random = chance(7);
    const job = defineJob({
      name: "cut",
      input: kind.input,
      async process(item: unknown, context) {
        for (let turns = random.below(4); turns > 0; turns--) await nextTurn();
        return plain.process(item as never, context);
      },
      join: plain.join ?? undefined,
      retries: 0,
      concurrency: 4,
    });
    const cut = await run(kind, job, cuttingFrom(8));
    expect(outcomeOf(cut)).toEqual(outcomeOf(await run(kind, job)));
    expect(splits(cut).length).toBeGreaterThan(0);
  });

  test("that were cut are redriven by their failed items alone", async () => {
    const repaired = { is: false };
    const ran: string[] = [];
    const one = await run(kind, jobOf(kind.input, repaired, ran), cuttingFrom(6));
    const before = outcomeOf(one);
    expect(before).toMatchObject({ counts: { succeeded: 36, failed: 4 } });
    repaired.is = true;
    ran.length = 0;
    await redrive(one.ports, BATCH, null);
    await one.pump();
    const whole = await run(kind, jobOf(kind.input, { is: true }));
    expect(outcomeOf(one)).toEqual(outcomeOf(whole));
    // Each failed item ran once more, and no other.
    expect(ran).toHaveLength(4);
    expect(splits(one, 1).length).toBeGreaterThan(0);
  });
});

/** Fails where `bad` says so, which a test changes before it redrives. `at`: so many items at once. */
function changingJob(input: Reader, at: number, ran: number[], code: { bad: (n: number) => boolean }): Job {
  const random = chance(at);
  return defineJob({
    name: "cut",
    input,
    process(item: unknown) {
      const n = Number(/\d+/.exec(JSON.stringify(item))?.[0]);
      const outcome = (): string => {
        ran.push(n);
        if (code.bad(n)) throw new RangeError(`${n} is bad`);
        return `${n}`;
      };
      if (at === 1) return outcome();
      const turns = 1 + random.below(4);
      return Array.from({ length: turns })
        .reduce<Promise<unknown>>((p) => p.then(() => nextTurn()), nextTurn())
        .then(outcome);
    },
    join: { order: inOrder, all: collect() },
    retries: 0,
    concurrency: at,
  });
}

describe.each(KINDS)("failed items of $name", (kind) => {
  const some = (n: number): boolean => n % 3 !== 0;
  const few = (n: number): boolean => n % 7 === 3;

  /** A batch whose failed items are done again, twice. Chunks are cut in the redrives only. */
  async function redriven(
    seed: number | null,
    at: number,
  ): Promise<{ one: Stage; ran: number[]; outcomes: object[] }> {
    const code = { bad: some };
    const ran: number[] = [];
    const random = chance(seed ?? 0);
    let isAgain = false;
    const cutting = {
      isDue: () => isAgain && seed !== null && random.oneIn(4),
      mayCut: () => true,
      partsFor: () => 1 + random.below(4),
      isLate: () => random.oneIn(10),
    };
    const one = await run(kind, changingJob(kind.input, at, ran, code), cutting);
    isAgain = true;
    const outcomes: object[] = [];
    for (const bad of [few, () => false]) {
      code.bad = bad;
      await redrive(one.ports, BATCH, null);
      await one.pump();
      outcomes.push(outcomeOf(one));
    }
    expect(one.log).toEqual([]);
    return { one, ran, outcomes };
  }

  test.for([1, 4])("are done again in parts, %i at the same time, as if nothing was cut", async (at) => {
    const expected = await redriven(null, at);
    // No item that had succeeded runs again. Those that are awaited behind an open one may run twice.
    const seen = (ran: readonly number[]): readonly number[] =>
      (at === 1 ? ran : [...new Set(ran)]).toSorted((a, b) => a - b);
    let kept = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { one, ran, outcomes } = await redriven(seed, at);
      expect(outcomes).toEqual(expected.outcomes);
      expect(seen(ran)).toEqual(seen(expected.ran));
      for (const split of splits(one, 1)) kept += split.parts().filter((part) => split.formerOf(part)).length;
    }
    expect(kept).toBeGreaterThan(20);
  });
});

const LINES = { name: "lines", input: lines(), ...text(numbers.join("\n")) };

/** Cuts each chunk of the whole input in two, once. */
function inTwo(): Cutting {
  let cuts = 0;
  return { isDue: () => cuts++ === 9, mayCut: () => true, partsFor: () => 1, isLate: () => false };
}

async function cutInTwo(): Promise<{ readonly one: Stage; readonly part: ChunkMessage }> {
  const one = await stage({
    job: jobOf(LINES.input),
    inputs: LINES.inputs,
    chunk: { items: 100 },
    cutting: inTwo(),
  });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker");
  const [part] = one.queue.take("worker");
  if (part?.kind !== "part") throw new Error("the chunk was not cut");
  return { one, part };
}

describe("a part of a chunk", () => {
  test("shows in the totals before its chunk is settled", async () => {
    const { one } = await cutInTwo();
    const { totals } = await readTotals(one.ledger, BATCH);
    expect(totals).toMatchObject({ chunks: 0, succeeded: 9, failed: 1 });
  });

  test("that is lost is sent again, and nothing else", async () => {
    const { one, part } = await cutInTwo();
    await recover(one.ports, BATCH);
    expect(one.queue.take("worker")).toEqual([part]);
    await one.deliver("worker", [part]);
    await one.pump();
    expect(one.batch()["totals"]).toMatchObject({ chunks: 1, succeeded: 36, failed: 4 });
  });

  test("that is given up costs its own items only", async () => {
    const { one, part } = await cutInTwo();
    await one.deliver("dead-letter", [{ ...part, attempt: 9 * MAX_RECEIVES }]);
    await one.pump();
    expect(one.batch()).toMatchObject({
      state: "completed-with-failures",
      totals: { chunks: 1, lost: 0, broken: 1, succeeded: 9, failed: 1 },
    });
    const { start, end } = part;
    expect(one.failed()[1]).toMatchObject({ code: "CHUNK_FAILED", chunk: 0, range: { start, end } });
  });

  test("comes after a crash whose cut is on record: the chunk is not run again", async () => {
    const { one, part } = await cutInTwo();
    const { start, end } = { start: 0, end: part.end };
    const { kind: _, ...rest } = part;
    await one.deliver("worker", [{ ...rest, kind: "chunk", start, end }], 2);
    expect(one.queue.take("worker")).toEqual([part]);
  });

  test.for<[string, RedriveFilter | null]>([
    ["of all", null],
    ["of some error codes that its chunk has", { codes: ["ITEM_FAILED"], classes: null }],
  ])("that never ran is run by a redrive %s, and left out by one of others", async ([, filter]) => {
    const { one } = await cutInTwo();
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", totals: { succeeded: 9, failed: 1 } });
    const sentBy = async (wanted: RedriveFilter | null): Promise<number> => {
      await redrive(one.ports, BATCH, wanted);
      while ((await one.step("coordinator")) > 0);
      const messages = one.queue.take("worker");
      await one.deliver("worker", messages);
      await one.pump();
      return messages.length;
    };
    expect(await sentBy({ codes: ["ITEM_TIMEOUT"], classes: null })).toBe(0);
    expect(one.batch()["totals"]).toMatchObject({ succeeded: 9, failed: 1 });
    // Both parts: the failed item of the other one fails again.
    expect(await sentBy(filter)).toBe(2);
    expect(one.batch()).toMatchObject({ totals: { chunks: 1, lost: 0, succeeded: 36, failed: 4 } });
  });
});
