/** Merges of joins that break, of values that are too large, and of outputs that cannot be written. */
import { expect, test } from "vitest";
import type { Contribution, Contributions } from "../../../src/core/records/contribution.ts";
import type { Json } from "../../../src/core/json/json.ts";
import { lines } from "../../../src/input/lines.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import type { LargeJoin } from "../../../src/joins/join.ts";
import { keyedOutputs } from "../../../src/joins/keyed-outputs.ts";
import { keyedLine } from "../../../src/runner/keyed/keyed-lines.ts";
import { loadBody } from "../../../src/runner/contribution/body.ts";
import { runMerge } from "../../../src/runner/merge/run-merge.ts";
import type { MergeMachine } from "../../../src/runner/merge/run-merge.ts";
import type { MergeReply, MergeRequest } from "../../../src/runner/runner.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../../src/testing/memory/store.ts";

const groups = groupBy((n: number) => `k${n}`, { n: sum((n: number) => n) });
const LARGE = { fromGroups: 2, mostBytes: 2 ** 24 };
const span = { items: 1, lines: 1, anchored: false };

/** The job of `groups`, a part of which is another one. */
function jobWith(large: Partial<LargeJoin<never>>, join: object = {}): Job {
  const job = defineJob({ name: "merge", input: lines(), process: Number, join: groups }) as Job;
  return { ...job, join: { ...job.join, ...join, large: { ...groups.large, ...large } } as Job["join"] };
}

/** A chunk's value of some groups. */
function worth(...numbers: readonly number[]): Contribution {
  const add = (acc: unknown, n: number): unknown => groups.add(acc, groups.prepare(n), { source: 0, key: 0 });
  return { value: groups.encode(numbers.reduce(add, groups.init())), span };
}

function merge(
  machine: Partial<MergeMachine> & { readonly job: Job; readonly store: MemoryStore },
  children: readonly Contribution[],
  more: Partial<MergeRequest> = {},
): Promise<MergeReply> {
  const body: Contributions = Object.fromEntries(children.entries());
  const bodies = [{ text: JSON.stringify(body) }];
  const places = children.map(() => 0);
  const request = { batch: "01A", index: 0, tag: "t", root: false, first: 0, children: places, bodies };
  return runMerge({ now: () => 0, ...machine }, { ...request, ...more });
}

const refuses = (): never => {
  throw new Error("the disk is full");
};

test("a join that throws while its value is written fails the merge, and the counts stay", async () => {
  const store = memoryStore();
  const job = jobWith({
    *blocks() {
      yield "{}";
      throw new RangeError("no text of it");
    },
  });
  const reply = await merge({ job, store, largeValues: LARGE }, [worth(1, 2), worth(1, 2)]);
  const error = { code: "MERGE_FAILED", message: expect.stringContaining("no text of it") as string };
  expect(reply.error).toEqual(error);
  expect(await loadBody(store, reply.body!)).toEqual({ 0: { span: { ...span, items: 2, lines: 2 }, error } });
});

test("a store that refuses a value is no error of the join: the merge is tried again", async () => {
  const store = { ...memoryStore(), create: refuses };
  const machine = { job: jobWith({}), store, largeValues: LARGE };
  await expect(merge(machine, [worth(1, 2), worth(1, 2)])).rejects.toThrow("the disk is full");
});

const MANY = 16_384;

test("a large result that cannot be made is none: the error is the batch's, and no part of it stays", async () => {
  const store = memoryStore();
  const job = jobWith({
    resultGroups: () => MANY,
    *resultText() {
      yield "{";
      throw new RangeError("no result");
    },
  });
  const reply = await merge({ job, store }, [worth(1)], { root: true });
  expect(reply.files).toMatchObject({ result: null });
  expect(reply.error).toMatchObject({ code: "MERGE_FAILED" });
  expect(store.names()).toEqual([]);
});

test("a large result that the store refuses is made again", async () => {
  const store = { ...memoryStore(), compose: refuses };
  const job = jobWith({ resultGroups: () => MANY });
  await expect(merge({ job, store }, [worth(1)], { root: true })).rejects.toThrow("the disk is full");
});

test("a value of more than 64 MiB of JSON in one piece is an error; one of as many groups as go into blocks is not", async () => {
  const mib64 = 64 * 1024 * 1024;
  const store = memoryStore();
  const rootOf = async (count: number, chars: number): Promise<unknown> => {
    // With its quotation marks it has two characters more.
    const job = jobWith({ groups: () => count }, { encode: (): Json => "x".repeat(chars - 2) });
    const { error, files } = await merge({ job, store, largeValues: LARGE }, [worth(1)], { root: true });
    return [error?.code, files?.result === null];
  };
  expect(await rootOf(1, mib64)).toEqual([undefined, false]);
  expect(await rootOf(1, mib64 + 1)).toEqual(["JOIN_TOO_LARGE", true]);
  expect(await rootOf(2, mib64 + 1)).toEqual([undefined, false]);
});

test("a split of a redrive says which of its outputs are new", async () => {
  const store = memoryStore();
  const job = defineJob({ name: "merge", input: lines(), process: (one) => one, join: collect() }) as Job;
  const output = (text: string, more: Partial<Contribution> = {}): Contribution => {
    return { outputs: [{ text }], span, ...more };
  };
  const parts = [
    output('"kept"\n'),
    output('"new"\n'),
    output('"old"\n"new"\n', { added: [[6, 12]] }),
    { span },
    output('"last"\n'),
  ];
  const names = parts.map((_, place) => `${place}`);
  const kept = [true, false, false, false, false];
  const { body } = await merge({ job, store }, parts, { split: { names, generation: 2, kept } });
  expect((await loadBody(store, body!))[0]).toMatchObject({
    split: 2,
    added: [
      [7, 13],
      [19, 25],
      [25, 32],
    ],
  });
  const first = await merge({ job, store }, parts, { split: { names, generation: 0 } });
  expect((await loadBody(store, first.body!))[0]).not.toHaveProperty("added");
});

/** Outputs by key, of so many keys. */
function byKey(count: number, from = 0): { readonly job: Job; readonly child: Contribution } {
  const process = (key: string): { readonly key: string } => ({ key });
  const join = collect<{ readonly key: string }>({ by: "key" });
  const job = defineJob({ name: "merge", input: lines(), process, join }) as Job;
  const outputs = keyedOutputs({ by: "key" });
  const values = Array.from({ length: count }, (_, n) => ({ key: `k${from + n}` }));
  const text = values.map((value) => keyedLine(outputs, value, JSON.stringify(value))).join("");
  return { job, child: { outputs: [{ text }], span } };
}

test("more than 10,000 keys of several children are the batch's error: it has no outputs then", async () => {
  const store = memoryStore(65_536);
  const { job, child } = byKey(6000);
  const children = [child, byKey(4001, 6000).child, { span }];
  const root = await merge({ job, store }, children, { root: true });
  expect([root.error?.code, root.files?.outputs]).toEqual(["JOIN_TOO_LARGE", null]);
  const node = await merge({ job, store }, children);
  expect(node.error?.code).toBe("JOIN_TOO_LARGE");
  expect((await loadBody(store, node.body!))[0]).not.toHaveProperty("keyed");
});

test("outputs by key that the store does not give are read again", async () => {
  const { job, child } = byKey(3);
  const store = { ...memoryStore(), read: refuses };
  const stored = { ...child, outputs: [{ name: "x", offset: 0, length: 9 }] };
  await expect(merge({ job, store }, [stored])).rejects.toThrow("the disk is full");
});
