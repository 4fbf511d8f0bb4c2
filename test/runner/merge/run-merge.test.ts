import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import { failedLineText } from "../../../src/core/failures/failed-line.ts";
import type { Contribution, Contributions } from "../../../src/core/records/contribution.ts";
import type { Span } from "../../../src/core/span.ts";
import { loadBody } from "../../../src/runner/contribution/body.ts";
import { runMerge } from "../../../src/runner/merge/run-merge.ts";
import type { MergeMachine } from "../../../src/runner/merge/run-merge.ts";
import type { ObjectStore } from "../../../src/ports.ts";
import { LEFT_OUT, NOTHING } from "../../../src/runner/runner.ts";
import type { MergeRequest } from "../../../src/runner/runner.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { lines } from "../../../src/input/lines.ts";
import { inOrder } from "../../steps/jobs.ts";

const JOB = defineJob({ name: "merge", input: lines(), process: (line) => line, join: inOrder }) as Job;

const on = (store: ObjectStore, job = JOB): MergeMachine => ({ job, store, now: () => 0 });

function request(
  bodies: readonly Contributions[],
  children: readonly number[],
  more: Partial<MergeRequest> = {},
): MergeRequest {
  const pieces = bodies.map((body) => ({ text: JSON.stringify(body) }));
  return {
    batch: "01A",
    index: 2,
    tag: "t000001",
    root: false,
    first: 200,
    children,
    bodies: pieces,
    ...more,
  };
}

const span = (items: number, count: number, anchored = false): Span => ({ items, lines: count, anchored });
const part = (value: string, more: Partial<Contribution> = {}): Contribution => ({
  value,
  span: span(1, 2),
  ...more,
});

test("children are merged in their order, not in that of their bodies", async () => {
  const store = memoryStore();
  const bodies = [{ 200: part("a,"), 202: part("c,") }, { 201: part("b,") }];
  const { body, files, error } = await runMerge(on(store), request(bodies, [0, 1, 0]));
  expect({ files, error }).toEqual({ files: null, error: null });
  expect(await loadBody(store, body!)).toEqual({ 2: { value: "a,b,c,", span: span(3, 6) } });
});

test("spans add up, begin again with a source, and are unknown after a child that was left out", async () => {
  const store = memoryStore();
  const anchored = part("b,", { span: span(4, 5, true) });
  const spanOf = async (children: readonly number[]): Promise<Span | undefined> => {
    const bodies = [{ 200: part("a,"), 201: anchored, 202: part("c,") }];
    const { body } = await runMerge(on(store), request(bodies, children));
    return (await loadBody(store, body!))[2]?.span;
  };
  expect(await spanOf([0, 0, 0])).toEqual(span(5, 7, true));
  expect(await spanOf([LEFT_OUT, 0, 0])).toEqual(span(5, 7, true));
  expect(await spanOf([0, LEFT_OUT, 0])).toEqual({ items: null, lines: null, anchored: false });
  expect(await spanOf([0, NOTHING, 0])).toEqual(span(2, 4));
});

test("a body that lacks its child is an error, never an empty value", async () => {
  await expect(runMerge(on(memoryStore()), request([{ 200: part("a,") }], [0, 0]))).rejects.toThrow(
    "lacks the child",
  );
});

test("an error from below is passed on, and nothing is merged around it", async () => {
  const store = memoryStore();
  const error = { code: "MERGE_FAILED", message: "below" } as const;
  const bodies = [{ 200: part("a,"), 201: { span: span(1, 1), error }, 202: part("c,") }];
  const reply = await runMerge(on(store), request(bodies, [0, 0, 0]));
  expect(reply.error).toEqual(error);
  expect((await loadBody(store, reply.body!))[2]).toEqual({ span: span(3, 5), error });
});

test("a long body is written to the store, and read from there by the merge above", async () => {
  const store = memoryStore(4096);
  const { body } = await runMerge(on(store), request([{ 200: part("é".repeat(20_000)) }], [0]));
  expect(body).toHaveProperty("name");
  const above = { ...request([], [0], { index: 0, first: 2, root: true }), bodies: [body!] };
  const { files } = await runMerge(on(store), above);
  expect(JSON.parse(store.text(files?.result?.name ?? ""))).toBe("é".repeat(20_000));
});

/** A failed item at `index` of a chunk. */
const failedLine = (index: number, message: string, chunk: number): string => {
  const place = { source: "s", index, line: index, offset: null, chunk, attempts: 1 };
  return `${failedLineText({ ...place, code: "ITEM_FAILED", error: { name: "Error", message }, item: null })}\n`;
};

/** The chunks that `sizes` cut the messages into, as contributions. */
function chunksOf(messages: readonly string[], sizes: readonly number[]): Contribution[] {
  const chunks: Contribution[] = [];
  let at = 0;
  while (at < messages.length) {
    const chunk = chunks.length;
    const own = messages.slice(at, at + (sizes[chunk % sizes.length] ?? 1));
    const base = span(0, 0, at === 0);
    // An item without a message succeeds.
    const text = own.map((one, index) => (one === "" ? "" : failedLine(index, one, chunk))).join("");
    const failed = text === "" ? {} : { failed: [{ piece: { text }, base }] };
    chunks.push({ value: "", span: span(own.length, own.length, at === 0), ...failed });
    at += own.length;
  }
  return chunks;
}

/** The files of the root over a tree in which each node has up to `fanIn` children. */
async function filesOf(chunks: readonly Contribution[], fanIn: number): Promise<BatchFiles | null> {
  const store = memoryStore();
  let level = chunks.map((chunk, index): Contributions => ({ [index]: chunk }));
  while (level.length > fanIn) {
    const above: Contributions[] = [];
    for (let first = 0; first < level.length; first += fanIn) {
      const bodies = level.slice(first, first + fanIn);
      const at = { index: above.length, first };
      const { body } = await runMerge(on(store), request(bodies, [...bodies.keys()], at));
      above.push(await loadBody(store, body!));
    }
    level = above;
  }
  const root = { index: 0, first: 0, root: true };
  return (await runMerge(on(store), request(level, [...level.keys()], root))).files;
}

test("the groups of failed items are the same for any cut of the input and any tree", async () => {
  const message = fc.oneof(
    fc.constantFrom("", "no", "said 503", "said 404"),
    fc.nat(1e9).map((n) => `said 503 to ${n}`),
    fc.nat(40).map((n) => `row ${n} is bad`),
  );
  const cut = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const tree = fc.integer({ min: 2, max: 30 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 120 }),
      fc.tuple(cut, tree),
      fc.tuple(cut, tree),
      async (messages, [sizes, fanIn], [otherSizes, otherFanIn]) => {
        const one = await filesOf(chunksOf(messages, sizes), fanIn);
        const two = await filesOf(chunksOf(messages, otherSizes), otherFanIn);
        expect(JSON.stringify(one?.failed?.failures)).toBe(JSON.stringify(two?.failed?.failures));
        const { groups = [], others = 0 } = one?.failed?.failures ?? {};
        const counted = groups.reduce((sum, { count }) => sum + count, others);
        expect(counted).toBe(messages.filter((text) => text !== "").length);
      },
    ),
    { numRuns: 60 },
  );
});

test("a hundred thousand failed items with messages of their own have a short summary", async () => {
  const text = (chunk: number): string =>
    Array.from({ length: 1000 }, (_, index) =>
      failedLine(index, `${"x".repeat(chunk + 1)} ${index}`, chunk),
    ).join("");
  const chunks = Array.from({ length: 100 }, (_, chunk) => {
    const failed = [{ piece: { text: text(chunk) }, base: span(0, 0, chunk === 0) }];
    return { value: "", span: span(1000, 1000, chunk === 0), failed };
  });
  const files = await filesOf(chunks, 100);
  expect(files?.failed?.failures).toMatchObject({ groups: [{ count: 100_000, message: null }], others: 0 });
  expect(JSON.stringify(files?.failed?.failures).length).toBeLessThan(4096);
});

test("the root of an empty batch has the empty join", async () => {
  const store = memoryStore();
  const { files } = await runMerge(on(store), request([], [], { root: true }));
  expect(files).toEqual({
    result: { name: "batches/01A/result-t000001.json", bytes: 3, value: "" },
    outputs: null,
    failed: null,
  });
});

test("files are named after the attempt, so that two attempts never mix", async () => {
  const store = memoryStore();
  const bodies = [{ 200: part("a,") }];
  const one = await runMerge(on(store), request(bodies, [0], { root: true, tag: "t1" }));
  const two = await runMerge(on(store), request(bodies, [0], { root: true, tag: "t2" }));
  expect(one.files?.result?.name).not.toBe(two.files?.result?.name);
});

const MANY = fileURLToPath(new URL("many-partials.ts", import.meta.url));

test("10,000 partials are merged in a heap of 32 MB, in invocations of 30 s", async () => {
  const partials = 10_000;
  const numbers = 1500;
  const heap = "--max-old-space-size=32";
  const command = [heap, MANY, String(partials), String(numbers)];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  // Each place has each of the endings 000 … 999 ten times.
  const sum = partials * 100_000 + 10 * ((1000 * 999) / 2);
  expect(JSON.parse(stdout)).toEqual({ invocations: 8, first: sum, last: sum, items: partials });
});
