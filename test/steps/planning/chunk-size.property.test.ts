/** A batch has the same result for every chunk size. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { items } from "../../../src/input/items.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { range } from "../../../src/input/range.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { collect, count } from "../../../src/joins/exact/count.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { inOrder } from "../jobs.ts";
import { stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";

type Inputs = NonNullable<StageOptions["inputs"]>;

/** An item of any reader, as text. One with an `x` in it fails, and so does one that the sum refuses. */
function job(input: Reader, concurrency: number): Job {
  return defineJob<unknown, unknown>({
    name: "any-size",
    input,
    concurrency,
    retries: 0,
    process(item) {
      const text = typeof item === "string" ? item : JSON.stringify(item);
      if (text.includes("x")) throw new TypeError(`no ${text}`);
      // Some items take longer, so that later ones overtake them.
      return text.length % 2 === 0 ? text : Promise.resolve(text);
    },
    join: {
      order: inOrder,
      all: collect(),
      n: count(),
      // Floats of all sizes: added naively in another order they would round to another sum.
      total: sum((text: unknown) => floatOf(String(text))),
    },
  });
}

function floatOf(text: string): number {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % 13 === 0 ? NaN : (hash / 7) * 10 ** ((hash % 40) - 20);
}

const word = fc.constantFrom("a", "bc", "x", "ü", "日本", "5", "", "long text that goes on", "dx");
const words = fc.array(word, { maxLength: 40 });
const lineEnd = fc.constantFrom("\n", "\r\n");
const quoted = fc.constantFrom('"q"', '"two\nlines"', '"a "" x"', "plain", '"torn" x', "");
const record = fc.tuple(word, quoted, fc.constantFrom("", "", "", ",surplus"), lineEnd);

/** A reader, and its text. */
const inputs: fc.Arbitrary<{ readonly reader: Reader; readonly inputs: Inputs }> = fc.oneof(
  fc.array(fc.array(record, { maxLength: 20 }), { minLength: 1, maxLength: 3 }).map((files) => ({
    reader: csv(),
    inputs: named(
      files.map((rows) => `id,note\n${rows.map(([a, b, more, end]) => `${a},${b}${more}${end}`).join("")}`),
    ),
  })),
  fc.array(words, { minLength: 1, maxLength: 3 }).map((files) => ({
    reader: lines(),
    inputs: named(files.map((texts) => texts.join("\n"))),
  })),
  words.map((texts) => ({
    reader: jsonl(),
    inputs: named([texts.map((text) => `${text === "dx" ? "{torn" : JSON.stringify({ text })}\n`).join("")]),
  })),
  words.map((texts) => ({
    reader: items(texts),
    inputs: named([texts.map((text) => `${JSON.stringify(text)}\n`).join("")]),
  })),
  fc.integer({ min: 0, max: 300 }).map((to) => ({ reader: range(to), inputs: {} })),
);

function named(texts: readonly string[]): Inputs {
  return Object.fromEntries(texts.map((text, n) => [`f${n}`, text]));
}

const sizes = fc.record(
  {
    items: fc.integer({ min: 1, max: 9 }),
    bytes: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })),
  },
  { requiredKeys: [] },
);
const concurrencies = fc.integer({ min: 1, max: 8 });

interface Came {
  readonly result: unknown;
  readonly outputs: readonly unknown[];
  readonly failed: readonly Omit<FailedLine, "chunk">[];
  readonly state: unknown;
  readonly counts: { readonly succeeded: unknown; readonly failed: unknown };
}

async function whatComesOf(options: StageOptions): Promise<Came> {
  const one = await stage(options);
  await one.submit();
  await one.pump();
  const { state, totals } = one.batch() as { state: unknown; totals: Came["counts"] };
  return {
    state,
    counts: { succeeded: totals.succeeded, failed: totals.failed },
    result: one.result(),
    outputs: one.outputs(),
    // Only the chunk of an item may differ.
    failed: one.failed().map(({ chunk: _chunk, ...line }) => line),
  };
}

test("the same input gives the same result, outputs, failed items and counts in chunks of any size", async () => {
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(inputs, sizes, concurrencies, async ({ reader, inputs: given }, chunk, concurrency) => {
      // One chunk for each source.
      const whole = await whatComesOf({
        job: job(reader, 1),
        inputs: given,
        chunk: { items: 1_000_000 },
        blockBytes: 65_536,
      });
      expect(await whatComesOf({ job: job(reader, concurrency), inputs: given, chunk })).toEqual(whole);
      failures += whole.failed.length;
    }),
    { numRuns: 400 },
  );
  expect(failures).toBeGreaterThan(400);
});

test("positions of failed items are those in the source, whatever the size of the chunks", async () => {
  const text = 'id,note\na,"two\nlines"\nx,1\n\nb,torn,x\nc,2\nx,3';
  for (const chunk of [
    {},
    { items: 1 },
    { items: 2 },
    { bytes: 1 },
    { bytes: 9, items: 3 },
    { bytes: 999 },
  ]) {
    const { failed } = await whatComesOf({ job: job(csv(), 3), inputs: { f: text }, chunk });
    expect(failed.map(({ index, line, offset }) => [index, line, offset])).toEqual([
      [1, 4, 22],
      [2, 6, 27],
      [4, 8, 40],
    ]);
  }
});
