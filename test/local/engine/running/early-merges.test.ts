/** The thread that ran a whole leaf goes on with its merge, before it is asked for it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { BatchFiles } from "../../../../src/batch/summary/files.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { FAN_IN, close, settle } from "../../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { EarlyMerged } from "../../../../src/local/threads/pool/thread-runner.ts";
import { EarlyMerges } from "../../../../src/local/engine/running/early-merges.ts";
import type { ChunksRequest, MergeReply, MergeRequest } from "../../../../src/runner/runner.ts";
import { LEFT_OUT } from "../../../../src/runner/runner.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";
import { bench, specFor } from "../engines.ts";
import type { Bench } from "../engines.ts";
import { RANGE_SPEC } from "../range-spec.ts";

const SPEC = { ...RANGE_SPEC, job: "noting" };
const LEAF = { batch: "01A", generation: 0, level: 0, index: 0 };

const chunk = (number: number, generation = 0): ChunkMessage => {
  const range = { source: 0, start: number, end: number + 1 };
  return { kind: "chunk", batch: "01A", generation, chunk: number, attempt: 1, ...range };
};

const request = (...chunks: ChunkMessage[]): ChunksRequest => ({ spec: SPEC, chunks, careful: null });

const BODY = { text: '{"0":{}}' };
const REPLY: MergeReply = { body: null, files: null, error: null };
const MERGED: EarlyMerged = { reply: REPLY, thread: 1, from: 0, to: 1 };
const ROOT = { index: 0, root: true };
const MERGE: MergeRequest = {
  batch: "01A",
  index: 0,
  tag: "abcdefg",
  root: true,
  first: 0,
  children: [0, 0],
  bodies: [BODY],
};

/** A ledger with the leaf of a batch of two chunks, whose plan has ended or has not. */
async function planned(root: boolean | null): Promise<EarlyMerges> {
  const ledger = memoryLedger();
  if (root !== null) await ledger.update(close(LEAF, 2, root));
  return new EarlyMerges(() => ledger);
}

/** Early merges that have kept one of two chunks. */
async function kept(
  merging: Promise<EarlyMerged>,
  body: { text: string } | null = BODY,
): Promise<EarlyMerges> {
  const early = await planned(true);
  const totals = { ...NO_TOTALS, chunks: 1 };
  const done = [0, 1].map((child) => ({ child, totals }));
  early.keep("01A", ROOT, { body, done, merging });
  return early;
}

test("a bundle is a whole batch if it has all chunks of a plan that has ended, in one node", async () => {
  const both = request(chunk(0), chunk(1));
  expect(await (await planned(true)).leafOf(both)).toEqual(ROOT);
  expect(await (await planned(false)).leafOf(both)).toBeNull();
  expect(await (await planned(null)).leafOf(both)).toBeNull();
  const early = await planned(true);
  expect(await early.leafOf(request(chunk(0)))).toBeNull();
  expect(await early.leafOf(request(chunk(1), chunk(2)))).toBeNull();
  expect(await early.leafOf(request())).toBeNull();
  expect(await early.leafOf(request(chunk(0, 1), chunk(1, 1)))).toBeNull();
  expect(await early.leafOf({ ...both, careful: new Map() })).toBeNull();
});

/** A bundle of so many chunks, from the first one on. */
const bundle = (from: number, count = FAN_IN): ChunksRequest =>
  request(...Array.from({ length: count }, (_, place) => chunk(from + place)));

test("a bundle is a leaf if it has all chunks of a full one", async () => {
  const early = await planned(null);
  expect(await early.leafOf(bundle(0))).toEqual({ index: 0, root: false });
  expect(await early.leafOf(bundle(300))).toEqual({ index: 3, root: false });
  expect(await early.leafOf(bundle(300, FAN_IN - 1))).toBeNull();
  expect(await early.leafOf(bundle(301))).toBeNull();
  const [first, ...others] = bundle(300).chunks;
  const hedge: ChunkMessage = { ...chunk(300), kind: "hedge" };
  expect(first).toBeDefined();
  expect(await early.leafOf({ ...bundle(300), chunks: [hedge, ...others] })).toBeNull();
});

test("an early merge of a leaf answers its own leaf only, as long as that is not the root", async () => {
  const early = await planned(null);
  const totals = { ...NO_TOTALS, chunks: 1 };
  const done = [0, 1].map((child) => ({ child, totals }));
  early.keep("01A", { index: 3, root: false }, { body: BODY, done, merging: Promise.resolve(MERGED) });
  const merge = { ...MERGE, index: 3, first: 300, root: false };
  expect(await early.take({ ...merge, index: 2 })).toBeNull();
  expect(await early.take(merge)).toBe(MERGED);
  expect(await early.take(merge)).toBeNull();
  early.keep("01A", { index: 3, root: false }, { body: BODY, done, merging: Promise.resolve(MERGED) });
  expect(await early.take({ ...MERGE, index: 0, children: [0] })).toBeNull();
  expect(await early.take(merge)).toBeNull();
});

test("an early merge answers the same merge, once", async () => {
  const early = await kept(Promise.resolve(MERGED));
  expect(await early.take({ ...MERGE, batch: "01B" })).toBeNull();
  expect(await early.take({ ...MERGE, tag: "another" })).toBe(MERGED);
  expect(await early.take(MERGE)).toBeNull();
});

test.for<[string, Partial<MergeRequest>]>([
  ["a chunk was left out", { children: [0, LEFT_OUT] }],
  ["there are more chunks", { children: [0, 0, 0] }],
  ["another attempt settled the chunks", { bodies: [{ text: "{}" }] }],
  ["another attempt settled one of them", { bodies: [BODY, { text: "{}" }] }],
  ["the body is in a segment", { bodies: [{ name: "segments/x", offset: 0, length: 8 }] }],
  ["there is no body", { bodies: [] }],
  ["the node is not the root", { root: false }],
])("an early merge is not used if %s", async ([, change]) => {
  const early = await kept(Promise.resolve(MERGED));
  expect(await early.take({ ...MERGE, ...change })).toBeNull();
});

test("an early merge that failed, or was not begun, is made again", async () => {
  const failed = Promise.reject(new Error("the thread has died"));
  expect(await (await kept(failed)).take(MERGE)).toBeNull();
  expect(await (await kept(Promise.resolve(MERGED), null)).take(MERGE)).toBeNull();
  const early = await planned(true);
  const done = [0, 1].map((child) => ({ child, totals: { ...NO_TOTALS, chunks: 1 } }));
  early.keep("01A", ROOT, { body: BODY, done });
  early.keep("01A", null, { body: BODY, done, merging: Promise.resolve(MERGED) });
  expect(await early.take(MERGE)).toBeNull();
});

/** A job whose `process` and `finish` leave a line in a file. `finish` does `action` after it. */
async function run(at: Bench, action: string, items = 3): Promise<BatchFiles> {
  const job = at.write(
    "job.ts",
    `import { appendFileSync, existsSync, writeFileSync } from "node:fs";
     import { defineJob, fold, range } from "fanjoin";
     const note = (text: string) => appendFileSync(${JSON.stringify(at.path("notes"))}, text + "\\n");
     export default defineJob({ name: "noting", input: range(3), retries: 0,
       process: (n) => { note("item " + n); return n; },
       join: fold({ init: () => 0, add: (acc, n) => acc + n, merge: (a, b) => a + b,
         finish: (sum) => { note("finish"); ${action}; return sum; } }) });`,
  );
  const engine = await at.open();
  await engine.submit(specFor(await engine.load(job), { items }));
  return (await engine.finished("01A"))["result"] as unknown as BatchFiles;
}

const notesOf = (at: Bench): string[] => readFileSync(at.path("notes"), "utf8").trimEnd().split("\n");

test.for([3, 1])("a batch is merged once, with chunks of %i items", async (items) => {
  const at = bench();
  expect(await run(at, "", items)).toMatchObject({ result: { value: 3 }, failed: null });
  expect(notesOf(at).toSorted()).toEqual(["finish", "item 0", "item 1", "item 2"]);
  expect(existsSync(at.path("state/batches/01A/result.json"))).toBe(true);
});

test("an early merge that ends its thread is made again; no item is blamed, or run again", async () => {
  const at = bench();
  const dead = JSON.stringify(at.path("dead"));
  const dying = `if (!existsSync(${dead})) { writeFileSync(${dead}, ""); process.exit(1); }`;
  expect(await run(at, dying)).toMatchObject({ result: { value: 3 }, failed: null });
  expect(notesOf(at)).toEqual(["item 0", "item 1", "item 2", "finish", "finish"]);
});

test("a finish that throws fails the batch, as in any merge", async () => {
  const at = bench();
  expect(await run(at, 'throw new Error("no sum")')).toMatchObject({ result: null });
  expect(notesOf(at)).toEqual(["item 0", "item 1", "item 2", "finish"]);
});

test("a leaf that is settled in part is no whole batch for the attempt that ends it", async () => {
  const ledger = memoryLedger();
  await ledger.update(close(LEAF, 2, true));
  await ledger.update(settle(LEAF, [0], "abcdefg", { ...NO_TOTALS, chunks: 1 }));
  expect(await new EarlyMerges(() => ledger).leafOf(request(chunk(1)))).toBeNull();
});
