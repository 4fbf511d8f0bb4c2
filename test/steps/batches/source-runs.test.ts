/** Chunks of several sources, with the real steps: however sources are put together, one answer. */
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
import { lastingFailure } from "../../../src/core/failures/failed-line.ts";
import { parseEntry } from "../../../src/core/records/plan.ts";
import type { PlannedRange } from "../../../src/core/records/plan.ts";
import { csv } from "../../../src/input/csv.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { inOrder } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";
import { cuttingFrom } from "./cutting.ts";

/** An item with a 7 fails, until it is repaired. */
function jobOf(input: Reader, repaired = { is: false }): Job {
  return defineJob({
    name: "runs",
    input,
    process(item: unknown, { key, position: { source, offset } }) {
      const text = JSON.stringify(item);
      if (!repaired.is && text.includes("7")) throw new RangeError(`${text} is bad`);
      return { text, key, source, offset };
    },
    join: { order: inOrder, all: collect() },
    retries: 0,
  });
}

type Inputs = NonNullable<StageOptions["inputs"]>;

interface Kind {
  readonly name: string;
  readonly input: Reader;
  /** The text of a source with these numbers. */
  readonly text: (numbers: readonly number[]) => string;
  readonly broken: string;
}

const KINDS: readonly Kind[] = [
  {
    name: "csv",
    input: csv(),
    text: (numbers) => `id,note\n${numbers.map((n) => `${n},"a ""b""\n${n}"\n`).join("")}`,
    broken: "id,note\n1\n2,x\n",
  },
  { name: "lines", input: lines(), text: (numbers) => numbers.join("\n"), broken: "" },
  {
    name: "jsonl",
    input: jsonl(),
    text: (numbers) => numbers.map((n) => `{"n":${n}}\n\n`).join(""),
    broken: "{\nnot\n",
  },
  {
    name: "json",
    input: json(),
    text: (numbers) =>
      JSON.stringify(
        numbers.map((n) => ({ n })),
        null,
        1,
      ),
    broken: '[{"n":1}, {"n":2}, oops',
  },
];

/** Sources of all sorts: plain, empty, packed, damaged, UTF-16, broken, and one that is large. */
function inputsOf({ text, broken }: Kind): Inputs {
  const some = (from: number, count: number): string =>
    text(Array.from({ length: count }, (_, n) => from + n));
  const packed = gzipSync(some(400, 9));
  return {
    a: some(0, 3),
    b: some(10, 4),
    empty: "",
    c: some(20, 1),
    "d.gz": gzipSync(some(30, 12)),
    "damaged.gz": packed.subarray(0, packed.length - 9),
    "wide.txt": Buffer.from(`\uFEFF${some(50, 5)}`, "utf16le"),
    broken,
    nothing: text([]),
    large: some(100, 300),
    e: some(60, 7),
    "not.gz": some(70, 2),
    f: some(80, 3),
  };
}

async function run(options: StageOptions): Promise<Stage> {
  const one = await stage({ blockBytes: 64, ...options });
  await one.submit();
  await one.pump();
  return one;
}

function answerOf(one: Stage): object {
  const { totals, state } = one.batch();
  const { lost, broken, succeeded, failed, damaged = 0 } = totals as Record<string, number>;
  return {
    counts: { lost, broken, succeeded, failed, damaged },
    state,
    result: one.result(),
    outputs: one.outputs(),
    failed: one.failed().map(lastingFailure),
  };
}

function rangesOf(one: Stage): PlannedRange[] {
  const prefix = `plan/${BATCH}/`;
  return [...one.ledger.records].flatMap(([key, fields]) => {
    const entry = key.startsWith(prefix) ? parseEntry(0, fields) : null;
    return entry && "ranges" in entry ? [...entry.ranges] : [];
  });
}

const SIZES = [{}, { bytes: 100 }, { bytes: 2000 }, { items: 1 }, { items: 5 }, { items: 40 }] as const;

describe.each(KINDS)("sources of $name", (kind) => {
  const inputs = inputsOf(kind);
  const alone = run({ job: jobOf(kind.input), inputs }).then(answerOf);

  test.for(SIZES)("in chunks of %o give the bytes that each gives alone", async (chunk) => {
    const one = await run({ job: jobOf(kind.input), inputs, chunk, runs: true });
    expect(answerOf(one)).toEqual(await alone);
    expect(one.log).toEqual([]);
    const sizes = Object.values(inputs).map((text) => Buffer.from(text).length);
    const { units } = one.batch()["totals"] as { units: number };
    expect(units).toBeGreaterThan(sizes.reduce((sum, size) => sum + size, 0) * 0.5);
  });

  test("that share a chunk are cut anywhere in it", async () => {
    let parts = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const cutting = cuttingFrom(seed);
      const one = await run({ job: jobOf(kind.input), inputs, chunk: { bytes: 4000 }, runs: true, cutting });
      expect(answerOf(one)).toEqual(await alone);
      parts += [...one.ledger.records.keys()].filter((key) => key.includes("/-1/")).length;
      expect(one.log).toEqual([]);
    }
    expect(parts).toBeGreaterThan(5);
  });

  test("are redriven together: only failed items run again, and each takes its place", async () => {
    const answers: object[] = [];
    for (const runs of [false, true]) {
      for (const cutting of runs ? [undefined, cuttingFrom(9)] : [undefined]) {
        const repaired = { is: false };
        const chunk = { bytes: 4000 };
        const job = jobOf(kind.input, repaired);
        const one = await run({ job, inputs, chunk, runs, ...(cutting ? { cutting } : {}) });
        repaired.is = true;
        await redrive(one.ports, BATCH, null);
        await one.pump();
        answers.push(answerOf(one));
      }
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test("are limited to the first items", async () => {
    for (const maxItems of [1, 3, 8, 9, 25, 60]) {
      const given = { job: jobOf(kind.input), inputs, maxItems };
      const answer = answerOf(await run({ ...given, runs: true }));
      expect(answer).toEqual(answerOf(await run(given)));
    }
  });
});

test.for(KINDS)("small sources of $name share chunks", async (kind) => {
  for (const chunk of [{ bytes: 2000 }, { items: 40 }]) {
    const one = await run({ job: jobOf(kind.input), inputs: inputsOf(kind), chunk, runs: true });
    const runs = rangesOf(one).flatMap((range) => range.run ?? []);
    expect(Math.max(...runs.map(({ sources }) => sources))).toBeGreaterThan(2);
  }
});

test("any numbers of rows in any sources, in chunks of any size, give one answer", async () => {
  const source = fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 6 });
  const size = fc.oneof(fc.record({ items: fc.integer({ min: 1, max: 20 }) }), fc.constant({}));
  await fc.assert(
    fc.asyncProperty(fc.array(source, { minLength: 2, maxLength: 12 }), size, async (sources, chunk) => {
      const [kind] = KINDS;
      if (!kind) return;
      const inputs = Object.fromEntries(sources.map((numbers, n) => [`s${n}`, kind.text(numbers)]));
      const answer = answerOf(await run({ job: jobOf(kind.input), inputs, chunk, runs: true }));
      expect(answer).toEqual(answerOf(await run({ job: jobOf(kind.input), inputs, chunk: { items: 1 } })));
    }),
    { numRuns: 40 },
  );
});

test("a planner reads no source that it puts into a run", async () => {
  const inputs = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`s${n}`, `id\n${n}\n`]));
  const one = await stage({ job: jobOf(csv()), inputs, chunk: { bytes: 50 }, runs: true });
  const read: string[] = [];
  one.hook = ({ port, method, of }) => void (port === "store" && method === "read" && read.push(of));
  await one.submit();
  await one.step("coordinator");
  expect(read).toEqual([]);
  await one.pump();
  const sources = read.filter((name) => name.startsWith("in/"));
  expect(sources).toHaveLength(300);
  expect(new Set(sources).size).toBe(300);
});

test("an input that has changed since it was planned ends the batch", async () => {
  const inputs = { a: "1\n", b: "2\n", c: "3\n" };
  const one = await stage({ job: jobOf(lines()), inputs, runs: true });
  await one.submit();
  await one.step("coordinator");
  one.store.put("in/b", "4\n");
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_CHANGED" } });
});

test("a run that kills every attempt is listed with its sources, and the batch ends", async () => {
  const one = await stage({
    job: jobOf(lines()),
    inputs: { a: "1\n", b: "22\n" },
    chunk: { bytes: 100 },
    runs: true,
  });
  await one.submit();
  await one.step("coordinator");
  const [message] = one.queue.take("worker", 1) as ChunkMessage[];
  if (!message) throw new Error("there is no chunk");
  expect(message).toMatchObject({ kind: "run", source: 0, run: { sources: 2, bytes: 5 } });
  await one.deliver("dead-letter", [{ ...message, attempt: 9 }], MAX_RECEIVES);
  await one.pump();
  expect(one.failed()).toMatchObject([
    { source: "a", code: "CHUNK_FAILED", range: { start: 0, end: 5 }, index: null },
  ]);
  expect(one.failed()[0]?.error.message).toContain("of 2 sources, this one first");
  await redrive(one.ports, BATCH, null);
  await one.pump();
  expect(one.outputs()).toHaveLength(2);
  expect(one.batch()).toMatchObject({ totals: { succeeded: 2, broken: 0, units: 5 } });
});

test("parts of a run that are given up have a line each, with the source and the byte where they begin", async () => {
  const one = await stage({
    job: jobOf(lines()),
    inputs: { a: "1\n2\n3\n4\n5\n6\n", b: "1\n2\n3\n4\n5\n6\n" },
    chunk: { bytes: 100 },
    runs: true,
    cutting: { isDue: () => true, mayCut: () => true, partsFor: () => 3, isLate: () => false },
  });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker");
  const parts = one.queue.take("worker") as ChunkMessage[];
  expect(parts.map(({ kind }) => kind)).toEqual(["part", "part"]);
  const given = parts.map((part) => ({ ...part, attempt: 9 }));
  await one.deliver("dead-letter", given, MAX_RECEIVES);
  await one.pump();
  const message = expect.stringContaining("attempts at this chunk came") as string;
  // The first item was done before the cut.
  expect(one.failed()).toMatchObject([
    { source: "a", offset: 2, code: "CHUNK_FAILED", range: { start: 0, end: 12 }, error: { message } },
    { source: "b", offset: 0, code: "CHUNK_FAILED", range: { start: 12, end: 24 }, error: { message } },
  ]);
  await redrive(one.ports, BATCH, null);
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { succeeded: 12, broken: 0 } });
});

test("a run that is interrupted between two of its sources keeps what is done", async () => {
  const job = defineJob({
    name: "interrupted",
    input: lines(),
    process(line: string) {
      if (line === "2") one.interrupt();
      return line;
    },
    join: { order: inOrder, all: collect() },
  });
  const cutting = { isDue: () => false, mayCut: () => true, partsFor: () => 1, isLate: () => false };
  const inputs = { a: "1\n2\n", b: "3\n4\n" };
  const one: Stage = await stage({ job, inputs, runs: true, cutting, chunk: { bytes: 4000 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker");
  expect(one.log).toEqual([]);
  expect(one.queue.take("worker")).toMatchObject([{ kind: "part", part: 1 }]);
});
