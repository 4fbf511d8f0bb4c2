/** The sources of a submission, or a job's own input, become the input of a batch. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { VERSION } from "../../src/core/version.ts";
import { itemsInput, jobInput, storeInput } from "../../src/batch/job-input.ts";
import type { InputParts, StoredInput } from "../../src/batch/job-input.ts";
import { batchSpec } from "../../src/batch/new-batch.ts";
import { files } from "../../src/input/files.ts";
import { from } from "../../src/input/from.ts";
import { items } from "../../src/input/items.ts";
import { lines } from "../../src/input/lines.ts";
import { range } from "../../src/input/range.ts";
import type { Reader, Source } from "../../src/input/reader.ts";
import { describeJob } from "../../src/job/describe-job.ts";
import type { DescribedJob } from "../../src/job/describe-job.ts";
import { defineJob } from "../../src/job/job.ts";
import type { JobSettings } from "../../src/job/job.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";

const jobOf = (input: Reader, settings: JobSettings = {}): DescribedJob =>
  describeJob(defineJob({ name: "job", input, process: () => null, ...settings }));

const A: Source = { name: "s3://b/a.txt", label: "a.txt", size: 5, version: "1" };
const B: Source = { name: "s3://b/b.txt", label: "b.txt", size: 7, version: "2" };

/** The stored texts, by batch. */
const stored: Record<string, string> = {};
async function store(batch: string, text: string): Promise<StoredInput> {
  stored[batch] = text;
  return { name: `stored/${batch}`, bytes: Buffer.byteLength(text), version: "v" };
}

const parts = (input: Reader, more: Partial<InputParts> = {}): InputParts => ({
  job: jobOf(input),
  sources: [A, B],
  params: null,
  store,
  ...more,
});

const sha256 = (content: unknown): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("base64url");

describe("the input of a batch", () => {
  test("is the sources of the submission, read by the job's reader", async () => {
    const reader = lines({ encoding: "utf-16le" });
    expect(await jobInput(parts(reader)).forBatch("01A")).toEqual({
      reader: "lines",
      options: reader.options,
      sources: [A, B],
      runs: true,
    });
  });

  test("is a list in the store, if its sources are many", async () => {
    const kept: string[] = [];
    const store = async (batch: string, text: string) => {
      kept.push(text);
      return { name: `batches/${batch}/input-t.jsonl`, bytes: text.length, version: "1" };
    };
    const sources = Array.from({ length: 101 }, (_, n) => ({ ...A, name: `in/${n}`, size: n }));
    const input = await jobInput({ ...parts(lines()), sources, store }).forBatch("01A");
    expect(input).toEqual({
      reader: "lines",
      options: {},
      sources: [],
      list: {
        name: "batches/01A/input-t.jsonl",
        version: "1",
        count: 101,
        bytes: 5050,
        lastBytes: 100,
        measured: true,
      },
      runs: true,
    });
    expect(kept).toHaveLength(1);
  });

  test("is the range that the job brings, whatever sources were given", async () => {
    expect(await jobInput(parts(range(5, 25))).forBatch("01A")).toEqual({
      reader: "range",
      options: expect.anything() as unknown,
      sources: [{ name: "", label: "range", size: 20, version: "" }],
    });
  });

  test("is one source of unknown size if a generator makes the items", async () => {
    expect(await jobInput(parts(from(() => [1]))).forBatch("01A")).toMatchObject({
      reader: "from",
      sources: [{ name: "", label: "generator", size: 0, version: "" }],
    });
  });

  test("is stored as JSON lines if the items are inline, and read as items whatever the job's reader is", async () => {
    expect(await jobInput(parts(items([1, "é"]))).forBatch("01A")).toEqual({
      reader: "items",
      options: {},
      sources: [{ name: "stored/01A", label: "items", size: '1\n"é"\n'.length + 1, version: "v" }],
    });
    expect(stored["01A"]).toBe('1\n"é"\n');
    await itemsInput([undefined, null, { a: 1 }], null, store).forBatch("01B");
    expect(stored["01B"]).toBe('null\nnull\n{"a":1}\n');
  });

  test("is one list of all files if the items are files", async () => {
    expect(await jobInput(parts(files())).forBatch("01C")).toMatchObject({
      reader: "files",
      sources: [{ name: "stored/01C", label: "files", size: 2, version: "v" }],
    });
    expect(stored["01C"]).toContain(`${JSON.stringify(A)}\n${JSON.stringify(B)}\n`);
  });
});

describe("the fingerprint of an input", () => {
  const of = (given: InputParts): Promise<string> => jobInput(given).fingerprint();

  test("is the SHA-256 of its reader, options, params, and its sources' names and versions", async () => {
    expect(await of(parts(lines(), { params: { a: 1 } }))).toBe(
      sha256({
        reader: "lines",
        options: jobOf(lines()).input.options,
        params: { a: 1 },
        sources: [
          { name: A.name, version: "1" },
          { name: B.name, version: "2" },
        ],
      }),
    );
  });

  test("differs by version, order and params, and not by label", async () => {
    const fingerprint = await of(parts(lines()));
    expect(await of(parts(lines(), { sources: [{ ...A, label: "other" }, B] }))).toBe(fingerprint);
    for (const more of [
      { sources: [{ ...A, version: "9" }, B] },
      { sources: [B, A] },
      { sources: [A] },
      { params: 1 },
    ]) {
      expect(await of(parts(lines(), more))).not.toBe(fingerprint);
    }
  });

  test("of standard input is that of its content: its file has a new name each time", async () => {
    const piped = (name: string, standardInput: string | null): Promise<string> =>
      of(parts(lines(), { sources: [{ ...A, name, label: "-" }], standardInput }));
    expect(await piped("one", "hash")).toBe(await piped("two", "hash"));
    expect(await piped("one", "hash")).not.toBe(await piped("one", "other"));
  });

  test("of a list of files is that of the files, and of inline items that of their text", async () => {
    const given = parts(files());
    expect(await of(given)).toBe(
      sha256({
        reader: "files",
        options: given.job.input.options,
        params: null,
        sources: [
          { name: A.name, version: "1" },
          { name: B.name, version: "2" },
        ],
      }),
    );
    expect(await itemsInput([1], { p: 2 }, store).fingerprint()).toBe(
      sha256({ reader: "items", options: {}, params: { p: 2 }, text: "1\n" }),
    );
  });
});

describe("an input that is stored", () => {
  test("has a new name in the batch's folder, and the given text", async () => {
    const memory = memoryStore();
    const tags = ["t1", "t2"];
    const ports = { store: memory, newTag: () => tags.shift() ?? "" };
    const first = await storeInput(ports, "01A", "é\n");
    expect(first).toMatchObject({ name: "batches/01A/input-t1.jsonl", bytes: 3 });
    expect((await storeInput(ports, "01A", "x")).name).toBe("batches/01A/input-t2.jsonl");
    expect(memory.text(first.name)).toBe("é\n");
  });

  test("that the store does not have afterwards is an error", async () => {
    const ports = { store: { ...memoryStore(), stat: async () => null }, newTag: () => "t" };
    await expect(storeInput(ports, "01A", "x")).rejects.toThrow("batches/01A/input-t.jsonl");
  });
});

describe("the spec of a new batch", () => {
  const job = jobOf(lines(), {
    chunk: { items: 10 },
    concurrency: 3,
    deadlineMs: 5_000,
    tolerate: { count: 2 },
  });
  const input = { reader: "lines", options: {}, sources: [A] } as const;
  const given = { batch: "01A", job, input, createdAt: 1_000, jobFile: "/job.ts" };

  test("has the job's options, and its deadline counts from its creation", () => {
    const options = { params: { a: 1 }, chunkItems: null, chunkBytes: null };
    expect(batchSpec({ ...given, options })).toEqual({
      batch: "01A",
      job: "job",
      input,
      params: { a: 1 },
      chunk: job.options.chunk,
      concurrency: 3,
      collects: job.outputs,
      tolerate: job.options.tolerate,
      createdAt: 1_000,
      deadlineAt: 6_000,
      jobFile: "/job.ts",
      fanjoin: VERSION,
      retry: { attempts: 3, timeoutMs: job.options.itemTimeoutMs },
    });
  });

  test("has the chunk size of the submission in place of the job's", () => {
    const options = { params: null, chunkItems: 7, chunkBytes: 900 };
    expect(batchSpec({ ...given, options }).chunk).toEqual({ items: 7, bytes: 900 });
  });
});

describe("only the first items of an input", () => {
  test.each([
    ["sources", parts(lines())],
    ["a list of files", parts(files())],
    ["a range", parts(range(9))],
    ["inline items", parts(items([1, 2]))],
    ["generated items", parts(from(() => [1]))],
  ])("are another input for an idempotency token, and marked in the batch's: %s", async (_name, whole) => {
    const { forBatch, fingerprint } = jobInput({ ...whole, maxItems: 1 });
    expect(await forBatch("01L")).toEqual({ ...(await jobInput(whole).forBatch("01L")), maxItems: 1 });
    const prints = [jobInput(whole), jobInput({ ...whole, maxItems: 2 })].map((one) => one.fingerprint());
    expect(await Promise.all(prints)).not.toContain(await fingerprint());
  });
});
