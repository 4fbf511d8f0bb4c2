/** Chunks as `pull` is told of them: their bytes, their places, and the reasons why there are none. */
import { expect, test } from "vitest";
import type { StoredBytes } from "../../../src/batch/pulled/pull-page.ts";
import { planKey } from "../../../src/core/records/plan.ts";
import { piecesOf } from "../../../src/core/records/pulled-text.ts";
import { chunksToPull } from "../../../src/steps/pulling/chunks-to-pull.ts";
import { files } from "../../../src/input/files.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, csvJob, lineJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";

async function ended(options: StageOptions): Promise<Stage> {
  const at = await stage(options);
  await at.submit();
  await at.pump();
  expect(at.ended()).toBe(true);
  return at;
}

function failing(line: string): string {
  if (line.startsWith("bad")) throw new TypeError("no");
  return line;
}

/** Nine numbers in three chunks, of which the middle one fails in part. */
function numbers(): Promise<Stage> {
  const job = countingJob(9, (n) => {
    if (n === 4) throw new TypeError("no");
    return n;
  });
  return ended({ job, chunk: { items: 3 } });
}

async function bytesOf({ store }: Stage, stored: unknown): Promise<string> {
  const { name, ranges, version } = stored as StoredBytes;
  const parts = ranges.map(({ start, end }) => Array.fromAsync(store.read(name, start, end, version)));
  return Buffer.concat((await Promise.all(parts)).flat()).toString();
}

test("the bytes of a chunk of lines are whole lines, and one byte before them", async () => {
  const text = "first\nbad one\nthird\nbad two\n";
  const at = await ended({ job: lineJob(failing), inputs: { a: text }, chunk: { bytes: 7 } });
  const { chunks, sources, next } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(next).toBeNull();
  expect(sources).toEqual([{ source: 0, label: "a", size: text.length, head: "" }]);
  const shown = await Promise.all(
    chunks.map(async ({ start, text: place, stored }) => [
      start,
      piecesOf(place)[0]?.at,
      await bytesOf(at, stored),
    ]),
  );
  for (const [start, place, bytes] of shown) {
    expect(place).toBe(start === 0 ? 0 : Number(start) - 1);
    expect(bytes).toBe(text.slice(Number(place), Number(place) + String(bytes).length));
    expect(String(bytes).endsWith("\n")).toBe(true);
  }
  expect(shown.map(([, , bytes]) => bytes).join("")).toMatch(/bad one\n[^]*bad two\n/);
});

test("a line that is longer than what is read at a time is brought to its end", async () => {
  const long = `bad ${"x".repeat(200_000)}`;
  const at = await ended({
    job: lineJob(failing),
    inputs: { a: `${long}\nlast\n` },
    chunk: { bytes: 50_000 },
    blockBytes: 1000,
  });
  const { chunks } = await chunksToPull(at.ports, BATCH, { chunk: 0 });
  expect(await bytesOf(at, chunks[0]?.stored)).toBe(`${long}\n`);
});

test("a last line without a newline ends with the source", async () => {
  const at = await ended({ job: lineJob(failing), inputs: { a: "fine\nbad" }, chunk: { bytes: 6 } });
  const { chunks } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(await bytesOf(at, chunks.at(-1)?.stored)).toMatch(/bad$/);
});

test("rows come with their header, their range and their place", async () => {
  const rows = "id,note\n1,fine\n2,bad\n3,fine\n4,bad\n";
  const at = await ended({ job: csvJob({ retries: 0 }), inputs: { a: rows }, chunk: { items: 2 } });
  const { of, sources, chunks } = await chunksToPull(at.ports, BATCH, { chunk: 1 });
  expect(of).toMatchObject({ batch: BATCH, job: "csv-job", reader: "csv", concurrency: 1, code: null });
  expect(Buffer.from(sources[0]?.head ?? "", "base64").toString()).toBe("id,note\n");
  expect(chunks).toMatchObject([{ chunk: 1, source: 0, spooled: false, before: { items: 2, lines: 3 } }]);
  expect(await bytesOf(at, chunks[0]?.stored)).toBe("3,fine\n4,bad\n");
});

test("the rows of a spool come from the spool, with their checksum", async () => {
  const rows = `id,note\n${Array.from({ length: 40 }, (_, n) => `${n},"${n === 7 ? "bad" : "a\nb"}"`).join("\n")}\n`;
  const at = await ended({ job: csvJob({ retries: 0 }), inputs: { a: rows }, chunk: { items: 5 } });
  const { chunks } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(chunks).toHaveLength(1);
  expect(await bytesOf(at, chunks[0]?.stored)).toContain('7,"bad"\n');
});

test("numbers have no bytes to fetch", async () => {
  const at = await numbers();
  const { chunks, sources } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(chunks).toMatchObject([{ chunk: 1, start: 3, end: 6, text: null, stored: null }]);
  expect(sources).toMatchObject([{ head: "" }]);
});

test("a chunk that the batch does not have is refused, and the message says which there are", async () => {
  const at = await numbers();
  const refused = (message: string) => ({
    code: "REQUEST_INVALID",
    message: expect.stringContaining(message),
  });
  await expect(chunksToPull(at.ports, BATCH, { chunk: 2 })).resolves.toMatchObject({ next: null });
  await expect(chunksToPull(at.ports, BATCH, { chunk: 3 })).rejects.toMatchObject(
    refused("has the chunks 0 to 2, and none with the number 3"),
  );
  const none = await ended({ job: countingJob(0) });
  await expect(chunksToPull(none.ports, BATCH, { chunk: 0 })).rejects.toMatchObject(refused("has no chunk"));
});

test("batches that are unknown, that run, or that succeeded wholly are refused with the reason", async () => {
  const at = await stage({ job: countingJob(9), chunk: { items: 3 } });
  await expect(chunksToPull(at.ports, BATCH, { chunk: 0 })).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  await at.submit();
  await expect(chunksToPull(at.ports, BATCH, { chunk: 0 })).rejects.toMatchObject({
    code: "BATCH_NOT_READY",
    message: expect.stringContaining("has not ended yet"),
  });
  await at.pump();
  await expect(chunksToPull(at.ports, BATCH, { chunk: 0 })).resolves.toMatchObject({
    chunks: [{ chunk: 0 }],
  });
  // On one machine such a batch loses its plan.
  at.ledger.records.delete(planKey(BATCH, 0));
  await expect(chunksToPull(at.ports, BATCH, { chunk: 0 })).rejects.toMatchObject({
    code: "RESULT_UNKNOWN",
    message: expect.stringContaining(`all items of batch ${BATCH} succeeded`),
  });
  await expect(chunksToPull(at.ports, BATCH, { failedFrom: 0 })).resolves.toMatchObject({ chunks: [] });
});

test("a chunk of several small sources is pulled as all of them, each whole", async () => {
  const inputs = { a: "1\n2\n", empty: "", b: "bad\n", c: "3" };
  const at = await ended({ job: lineJob(failing), inputs, runs: true, chunk: { bytes: 100 } });
  expect(at.batch()["totals"]).toMatchObject({ chunks: 1, failed: 1 });
  const { chunks, sources } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(sources.map(({ label, size }) => [label, size])).toEqual([
    ["a", 4],
    ["empty", 0],
    ["b", 4],
    ["c", 1],
  ]);
  expect(chunks.map(({ source, start, end, whole }) => [source, start, end, whole])).toEqual([
    [0, 0, 4, true],
    [1, 0, 0, true],
    [2, 0, 4, true],
    [3, 0, 1, true],
  ]);
  expect(chunks.map(({ text, stored }) => [text === null, stored === null])).toEqual([
    [false, false],
    [true, true],
    [false, false],
    [false, false],
  ]);
  expect(await Promise.all([0, 2, 3].map((place) => bytesOf(at, chunks[place]?.stored)))).toEqual([
    inputs.a,
    inputs.b,
    inputs.c,
  ]);
});

test("whole files are not pulled", async () => {
  const job: Job = defineJob({
    name: "whole",
    input: files(),
    retries: 0,
    process: () => {
      throw new TypeError("no");
    },
  });
  const at = await ended({ job, inputs: { a: "1" } });
  await expect(chunksToPull(at.ports, BATCH, { failedFrom: 0 })).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    message: expect.stringContaining("whole files"),
  });
});

test("a header that is too long to bring is refused", async () => {
  const rows = `id,note${" ".repeat(70_000)}\n1,bad\n`;
  const job = defineJob({
    name: "wide",
    input: (csvJob() as { input: Job["input"] }).input,
    retries: 0,
    process: () => {
      throw new TypeError("no");
    },
  }) as Job;
  const at = await ended({ job, inputs: { a: rows } });
  await expect(chunksToPull(at.ports, BATCH, { chunk: 0 })).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    message: expect.stringMatching(/a: its header has 70008 bytes, and pull brings at most 65536/),
  });
});
