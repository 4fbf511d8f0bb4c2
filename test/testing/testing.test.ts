import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type primes from "../../examples/primes.ts";
import * as z from "zod";
import { drop } from "../../src/core/drop.ts";
import { csv } from "../../src/input/csv.ts";
import { files } from "../../src/input/files.ts";
import { from } from "../../src/input/from.ts";
import { items } from "../../src/input/items.ts";
import { json } from "../../src/input/json.ts";
import { jsonl } from "../../src/input/jsonl.ts";
import { lines } from "../../src/input/lines.ts";
import { range } from "../../src/input/range.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Context } from "../../src/job/job.ts";
import { collect, count } from "../../src/joins/exact/count.ts";
import { groupBy } from "../../src/joins/groups/group-by.ts";
import { sum } from "../../src/joins/exact/sum.ts";
import { testJob } from "../../src/testing/testing.ts";
import { ROOT } from "../cli/command.ts";

const Sale = z.object({ country: z.string(), amount: z.string().trim().min(1).pipe(z.coerce.number()) });

const sales = defineJob({
  name: "sales",
  input: csv(),
  item: Sale,
  process: (row) => (row.country === "Nowhere" ? drop : row),
  join: {
    by: groupBy(
      (row) => row.country,
      sum((row) => row.amount),
    ),
    rows: collect(),
  },
});

const CSV = 'country,amount\nNorway,1.5\n"Nowhere",9\nPeru,oops\nNorway,2\n';

test("a text goes through the job's reader, schema, process and join", async () => {
  const answer = await testJob(sales, { text: CSV, name: "sales.csv" });
  expect(answer).toEqual({
    result: { by: { Norway: 3.5 }, rows: 2 },
    outputs: [
      { country: "Norway", amount: 1.5 },
      { country: "Norway", amount: 2 },
    ],
    failed: [expect.objectContaining({ code: "ITEM_INVALID", item: "Peru,oops" })],
    items: { total: 4, succeeded: 3, failed: 1 },
  });
});

test("a failed item has the form of a line of failed.jsonl", async () => {
  const { failed } = await testJob(sales, { text: CSV, name: "sales.csv" }, { chunk: 1 });
  const [{ error, ...line } = { error: null }] = failed;
  expect(line).toEqual({
    source: "sales.csv",
    index: 2,
    line: 4,
    offset: 38,
    chunk: 2,
    attempts: 1,
    code: "ITEM_INVALID",
    item: "Peru,oops",
  });
  expect(error?.message).toContain("amount");
});

test("bytes may be packed", async () => {
  const { result } = await testJob(sales, { text: gzipSync(CSV) });
  expect(result.by).toEqual({ Norway: 3.5 });
});

test("items are given directly, whatever the reader is, and the schema checks them", async () => {
  const given = [{ country: "Peru", amount: "2" }, { country: "Peru" }];
  const { result, failed } = await testJob(sales, { items: given });
  expect(result.by).toEqual({ Peru: 2 });
  expect(failed).toMatchObject([{ source: "items", index: 1, code: "ITEM_INVALID" }]);
});

test.for([
  ["a list of items", items([1, 2, 3])],
  ["a range", range(1, 4)],
  ["a generator", from(() => [1, 2, 3])],
] as const)("a job with %s of its own needs no input, and may be given items", async ([, input]) => {
  const job = defineJob<number, number>({ name: "own", input, process: (n) => n, join: sum() });
  expect((await testJob(job)).result).toBe(6);
  expect((await testJob(job, {}, { chunk: 1 })).result).toBe(6);
  expect((await testJob(job, { items: [10] })).result).toBe(10);
});

test("files are paths, URLs, or texts by name", async () => {
  const job = defineJob({ name: "sizes", input: files(), process: ({ path }) => path, join: collect() });
  const path = join(ROOT, "README.md");
  const named = await testJob(job, { files: { "a.txt": "a", "b/c.txt": "bc" } });
  expect(named.outputs).toEqual(["a.txt", "b/c.txt"]);
  expect((await testJob(job, { files: [path, pathToFileURL(path)] })).outputs).toEqual([path, path]);
  const rows = await testJob(sales, { files: { "1.csv": CSV, "2.csv": "country,amount\nPeru,1\nPeru,\n" } });
  expect(rows.result).toEqual({ by: { Norway: 3.5, Peru: 1 }, rows: 3 });
  expect(rows.failed).toMatchObject([
    { source: "1.csv", line: 4 },
    { source: "2.csv", line: 3 },
  ]);
});

const documents = defineJob({
  name: "doc",
  input: json<number>({ path: "data" }),
  process: (n) => n,
  join: sum(),
});

test("a reader that reads documents does so", async () => {
  expect((await testJob(documents, { text: '{"data":[1,2,3]}' }, { chunk: 1 })).result).toBe(6);
});

test("process gets a context as in production, and retries do not wait", async () => {
  const contexts: Context<{ factor: number }>[] = [];
  const logged: string[] = [];
  const say = (message: string): void => void logged.push(message);
  const job = defineJob({
    name: "seen",
    input: jsonl<number>(),
    params: z.object({ factor: z.number() }),
    retries: { limit: 3, baseMs: 60_000, maxMs: 60_000 },
    async process(n, context) {
      contexts.push(context);
      context.log.info(`item ${n}`);
      if (context.attempt < 3) throw new Error("not yet");
      return n * context.params.factor;
    },
    join: sum(),
  });
  const log = { debug: say, info: say, warn: say, error: say };
  const { result } = await testJob(job, { text: "7\n8\n", name: "in" }, { params: { factor: 2 }, log });
  expect(result).toBe(30);
  expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1, 2, 3]);
  expect(contexts[3]?.position).toEqual({ source: "in", chunk: 1, index: 0, offset: 2 });
  expect(new Set(contexts.map(({ key }) => key)).size).toBe(2);
  expect(contexts[0]?.signal.aborted).toBe(false);
  expect(contexts[0]?.remainingMs()).toBe(24 * 60 * 60 * 1000);
  expect(logged).toEqual([...Array<string>(3).fill("item 7"), ...Array<string>(3).fill("item 8")]);
});

test("the result does not depend on the size of chunks, in trees of several levels", async () => {
  const job = defineJob({
    name: "big",
    input: range(250),
    process: (n) => n,
    join: { all: sum(), n: count() },
  });
  for (const chunk of [1, 7, 1000]) {
    expect((await testJob(job, undefined, { chunk })).result).toEqual({ all: 31_125, n: 250 });
  }
});

test("a job without a join has counts", async () => {
  const job = defineJob({ name: "bare", input: range(3), process: () => undefined });
  expect(await testJob(job)).toEqual({
    result: null,
    outputs: [],
    failed: [],
    items: { total: 3, succeeded: 3, failed: 0 },
  });
});

test("a job is loaded from the URL of its module", async () => {
  const url = new URL("../../examples/primes.ts", import.meta.url);
  const { result } = await testJob<typeof primes>(url, { items: [0, 1] });
  expect(result).toBe(2262);
});

const ranged = defineJob({ name: "ranged", input: range(2), process: (n) => n, join: sum() });
const strict = defineJob({ ...settingsOf("strict"), tolerate: { count: 1 } });

function settingsOf(name: string) {
  const process = (n: number): number => {
    throw new TypeError(`${n}`);
  };
  return { name, input: range(3), process, join: sum() };
}

test.for([
  ["no input for its reader", () => testJob(sales), "INPUT_NOT_FOUND", /sales reads csv.*\{ text \}/],
  [
    "an input beside its own",
    () => testJob(ranged, { text: "1" }),
    "INPUT_INVALID",
    /its own input \(range\)/,
  ],
  ["a file that does not exist", () => testJob(sales, { files: ["no.csv"] }), "INPUT_NOT_FOUND", /no\.csv/],
  [
    "items that JSON cannot hold",
    () => testJob(sales, { items: [{ a: NaN }] }),
    "INPUT_INVALID",
    /items\[0\]\.a is NaN/,
  ],
  ["two inputs", () => testJob(sales, { items: [], text: "" }), "JOB_INVALID", /not several/],
  ["an unknown input", () => testJob(sales, { txt: "" } as never), "JOB_INVALID", /Did you mean "text"/],
  [
    "an unknown option",
    () => testJob(sales, { text: CSV }, { chunks: 1 } as never),
    "JOB_INVALID",
    /"chunk"/,
  ],
  ["an unreadable input", () => testJob(documents, { text: "{" }), "INPUT_INVALID", /text/],
  ["no job", () => testJob({} as never, { text: "" }), "JOB_INVALID", /takes a job of defineJob/],
  [
    "a URL of no module",
    () => testJob(new URL("file:///no/job.ts")),
    "JOB_INVALID",
    /no\/job\.ts cannot be loaded/,
  ],
  ["too many failed items", () => testJob(strict), "TOO_MANY_FAILURES", /tolerates 1/],
] as const)("with %s it rejects with a code", async ([, run, code, message]) => {
  await expect(run()).rejects.toMatchObject({
    name: "FanjoinError",
    code,
    message: expect.stringMatching(message),
  });
});

test("params that the job's schema refuses are JOB_INVALID", async () => {
  const params = z.object({ factor: z.number() });
  const job = defineJob({ name: "seen", input: range(1), params, process: (n) => n, join: sum() });
  const refused = testJob(job, undefined, { params: { factor: "2" } });
  await expect(refused).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringContaining("factor"),
  });
  await expect(testJob(job, undefined, { params: { factor: Infinity } })).rejects.toThrow(
    "params.factor is Infinity",
  );
});

test("setup makes ctx.own once, and teardown gets it at the end", async () => {
  const calls: string[] = [];
  const job = defineJob({
    name: "owner",
    input: lines(),
    setup: () => {
      calls.push("setup");
      return { prefix: ">" };
    },
    teardown: ({ prefix }) => void calls.push(`teardown ${prefix}`),
    process: (line, { own }) => own.prefix + line,
    join: collect(),
  });
  const { outputs } = await testJob(job, { text: "a\nb\nc\n" }, { chunk: 1 });
  expect(outputs).toEqual([">a", ">b", ">c"]);
  expect(calls).toEqual(["setup", "teardown >"]);
});

test("a chunk of items that are awaited side by side ends with them, though they all end at once", async () => {
  const job = defineJob({
    name: "cached",
    input: range(3),
    concurrency: 4,
    process: (n) => (n === 1 ? n : Promise.resolve().then(() => n)),
    join: collect(),
  });
  expect((await testJob(job, undefined, { chunk: 3 })).outputs).toEqual([0, 1, 2]);
});
