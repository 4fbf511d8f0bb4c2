/** Chunks that are cut, with the real steps: whatever the reader, the result is that of one run. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { chance } from "../../../src/core/chance.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { inOrder } from "../jobs.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import { ITEMS, KINDS, cuttingFrom, jobOf, outcomeOf, run, splits } from "./cutting.ts";
import type { Kind } from "./cutting.ts";

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
