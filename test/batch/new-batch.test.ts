/** The batch that `fanjoin run` submits. */
import { expect, test } from "vitest";
import { jobInput } from "../../src/batch/job-input.ts";
import { batchSpec, enoughFrom } from "../../src/batch/new-batch.ts";
import { parseOptions } from "../../src/job/options.ts";
import type { JobDescription } from "../../src/local/engine/engine.ts";

const job = (input: JobDescription["input"]): JobDescription => ({
  file: "/job.ts",
  name: "job",
  input,
  options: parseOptions({ chunk: { items: 7 }, deadlineMs: 1000, failFast: true }),
  joins: true,
  outputs: false,
});
const storeInput = async (batch: string, text: string) => ({
  name: `${batch}/in`,
  bytes: text.length,
  version: "v",
});

test("a range is one source; inline items are stored as JSON lines of their batch", async () => {
  const range = job({ kind: "range", options: { from: 5, to: 9 }, own: { from: 5, to: 9 } });
  const none = { sources: [], params: null, store: storeInput };
  const { sources } = await jobInput({ job: range, ...none }).forBatch("01K");
  expect(sources).toEqual([{ name: "", label: "range", size: 4, version: "" }]);
  const items = job({ kind: "items", options: {}, own: { items: [1, undefined] } });
  const stored = await jobInput({ job: items, ...none }).forBatch("01K");
  expect(stored.sources).toEqual([{ name: "01K/in", label: "items", size: 7, version: "v" }]);
});

test("equal inputs have equal fingerprints; other parameters or versions have others", async () => {
  const csv = job({ kind: "csv", options: {} });
  const source = { name: "file:///a.csv", label: "a.csv", size: 3, version: "1" };
  const print = (input: typeof source, params: number | null): Promise<string> =>
    jobInput({ job: csv, sources: [input], params, store: storeInput }).fingerprint();
  expect(await print({ ...source, label: "./a.csv" }, null)).toBe(await print(source, null));
  const prints = [print(source, null), print(source, 1), print({ ...source, version: "2" }, null)];
  expect(new Set(await Promise.all(prints)).size).toBe(3);
});

test("the chunk size of the command line replaces the job's; the job's other options are kept", () => {
  const input = { reader: "csv", options: {}, sources: [] } as const;
  const options = { params: null, chunkItems: null, chunkBytes: 10 };
  const origin = { batch: "01K", createdAt: 500, jobFile: "/job.ts" };
  expect(batchSpec({ job: job({ kind: "csv", options: {} }), input, options, ...origin })).toMatchObject({
    chunk: { items: 7, bytes: 10 },
    tolerate: { count: 0 },
    createdAt: 500,
    deadlineAt: 1500,
    jobFile: "/job.ts",
  });
});

const HOUR = 3_600_000;

test.each([
  [{}, null],
  [
    { items: 5, percent: 50 },
    { items: 5, percent: 50 },
  ],
  [{ afterMs: 1 }, { at: 10 * HOUR + 1 }],
  [{ at: "17:00" }, { at: 17 * HOUR }],
  [{ at: "10:00" }, { at: 34 * HOUR }],
  [{ at: "09:30" }, { at: 33.5 * HOUR }],
  [{ at: "17:00", afterMs: HOUR }, { at: 11 * HOUR }],
])("a batch submitted at ten has enough by %j at %j", (enough, expected) => {
  expect(enoughFrom(parseOptions({ enough }), 10 * HOUR)).toEqual(expected);
});

test("the hash of the job's code is in the batch where it is known", () => {
  const input = { reader: "csv", options: {}, sources: [] } as const;
  const options = { params: null, chunkItems: null, chunkBytes: null };
  const rest = { input, options, batch: "01K", createdAt: 500, jobFile: "/job.ts" };
  const known = job({ kind: "csv", options: {} });
  expect(batchSpec({ ...rest, job: { ...known, code: "abc" } })).toMatchObject({ code: "abc" });
  expect(batchSpec({ ...rest, job: known })).not.toHaveProperty("code");
});

test("a stream is known by its contents, not by the file that keeps it", async () => {
  const csv = job({ kind: "csv", options: {} });
  const print = (name: string, standardInput: string): Promise<string> => {
    const source = { name, label: "rows.csv", size: 3, version: name };
    return jobInput({
      job: csv,
      sources: [source],
      params: null,
      store: storeInput,
      standardInput,
    }).fingerprint();
  };
  const first = await print("batches/01A/stdin", "sha");
  for (const name of ["batches/01B/stdin", "batches/01B/stdin-1", "batches/01B/stdin-12"])
    expect(await print(name, "sha")).toBe(first);
  expect(await print("batches/01B/stdin", "other")).not.toBe(first);
  // Files of users that are named alike.
  for (const name of ["x/batches/01B/stdin", "batches/01B/stdin.csv", "batches/01B/stdin-x"])
    expect(await print(name, "sha")).not.toBe(first);
});
