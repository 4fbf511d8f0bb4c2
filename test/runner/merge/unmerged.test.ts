/** Large values that a node passes on as they are, because merging them would make little of them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Contribution, Contributions } from "../../../src/core/records/contribution.ts";
import { lines } from "../../../src/input/lines.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import { loadBody, storeBody } from "../../../src/runner/contribution/body.ts";
import { writeBlocks } from "../../../src/runner/contribution/value-blocks.ts";
import type { LargeValues } from "../../../src/runner/contribution/value-blocks.ts";
import { runMerge } from "../../../src/runner/merge/run-merge.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

type Store = ReturnType<typeof memoryStore>;

const join = groupBy((n: number) => `k${n}`, { n: sum((n: number) => n) });
const JOB = defineJob({ name: "merge", input: lines(), process: Number, join }) as Job;
const LARGE: LargeValues = { fromGroups: 4, mostBytes: 2 ** 24 };
const span = { items: 1, lines: 1, anchored: false };

/** As a chunk leaves it. `divided`: an item failed in its middle. */
async function contributionOf(
  store: Store,
  numbers: readonly number[],
  { fromGroups, mostBytes }: LargeValues,
  divided = false,
): Promise<Contribution> {
  const accOf = (some: readonly number[]) =>
    some.reduce((acc, n) => join.add(acc, join.prepare(n), { source: 0, key: 0 }), join.init());
  if (divided) {
    const halves = [numbers.slice(0, 2), numbers.slice(2)];
    return { segments: halves.map((half) => [join.encode(accOf(half))]), span };
  }
  const acc = accOf(numbers);
  const groups = join.large?.groups(acc) ?? 0;
  if (groups < fromGroups) return { value: join.encode(acc), span };
  const texts = join.large?.blocks(acc, Math.max(20, groups)) ?? [];
  return { blocks: await writeBlocks(store, texts, { fromGroups, mostBytes }), groups, span };
}

async function mergedOf(
  store: Store,
  children: readonly Contribution[],
  { index, root, first, large = LARGE }: { index: number; root: boolean; first: number; large?: LargeValues },
) {
  const bodies = await Promise.all(
    children.map((one, child) => storeBody(store, { [first + child]: one } satisfies Contributions)),
  );
  const request = { batch: "01A", index, tag: "t", root, first, children: [...bodies.keys()], bodies };
  const reply = await runMerge({ job: JOB, store, now: () => 0, largeValues: large }, request);
  const body = reply.body === null ? null : await loadBody(store, reply.body);
  return { ...reply, contribution: body?.[index] };
}

async function nodeOf(store: Store, children: readonly Contribution[], large = LARGE): Promise<Contribution> {
  const { contribution } = await mergedOf(store, children, { index: 0, root: false, first: 0, large });
  if (!contribution) throw new Error("a node has a contribution");
  return contribution;
}

async function resultOf(store: Store, nodes: readonly Contribution[]): Promise<string> {
  const { files } = await mergedOf(store, nodes, { index: 0, root: true, first: 0 });
  return store.text(files?.result?.name ?? "");
}

const numbered = (count: number, from = 0, of = Infinity): number[] =>
  Array.from({ length: count }, (_, at) => (from + at) % of);

describe("values of many groups", () => {
  const chunksOf = (store: Store, chunks: readonly (readonly number[])[]): Promise<Contribution[]> =>
    Promise.all(chunks.map((numbers) => contributionOf(store, numbers, LARGE)));

  test("are listed as they are, in order, if most of them differ", async () => {
    const store = memoryStore();
    const children = await chunksOf(store, [numbered(10), numbered(10, 8), numbered(10, 16)]);
    const { blocks, groups } = await nodeOf(store, children);
    expect(blocks).toEqual(children.flatMap((child) => child.blocks));
    expect(groups).toBe(30);
  });

  test("are merged if most of them come again", async () => {
    const store = memoryStore();
    const children = await chunksOf(store, [numbered(10), numbered(10), numbered(10, 2)]);
    const node = await nodeOf(store, children);
    expect(node.groups).toBe(12);
    expect(node.blocks).not.toEqual(expect.arrayContaining([...(children[0]?.blocks ?? [])]));
  });

  test("are in blocks from a number of groups on, and in one piece below it", async () => {
    const store = memoryStore();
    const children = await chunksOf(store, [numbered(3), numbered(3)]);
    expect(await nodeOf(store, children, { ...LARGE, fromGroups: 3 })).toMatchObject({ groups: 3 });
    const whole = await nodeOf(store, children);
    expect(whole).not.toHaveProperty("groups");
    expect(whole.value).toBeDefined();
  });

  test("are merged if it is not known how many they are: an earlier version wrote them", async () => {
    const store = memoryStore();
    const children = await chunksOf(store, [numbered(10), numbered(10, 10)]);
    const before = children.map(
      (child) => JSON.parse(JSON.stringify({ ...child, groups: undefined })) as Contribution,
    );
    const node = await nodeOf(store, before);
    expect(node.groups).toBe(20);
    expect(node.blocks).not.toEqual(before.flatMap((child) => child.blocks));
    expect(await resultOf(store, [node])).toBe(await resultOf(store, children));
  });

  test("are listed only up to half of the largest value; one beyond the largest is an error", async () => {
    const store = memoryStore();
    const children = await chunksOf(store, [numbered(100), numbered(100, 100), numbered(100, 200)]);
    const bytes = children
      .flatMap(({ blocks = [] }) => blocks)
      .reduce((all, piece) => all + sizeOf(piece), 0);
    const fits = await nodeOf(store, children, { ...LARGE, mostBytes: 2 * bytes });
    expect(fits.blocks).toEqual(children.flatMap((child) => child.blocks));
    const isMerged = await nodeOf(store, children, { ...LARGE, mostBytes: 2 * bytes - 1 });
    expect(isMerged.blocks).not.toEqual(fits.blocks);
    expect(await resultOf(store, [isMerged])).toBe(await resultOf(store, [fits]));
    const { error } = await nodeOf(store, children, { ...LARGE, mostBytes: 1000 });
    expect(error?.code).toBe("JOIN_TOO_LARGE");
  });

  test("stay in few pieces: those of chunks with few groups are merged", async () => {
    const store = memoryStore();
    const children = await chunksOf(
      store,
      Array.from({ length: 40 }, (_, at) => numbered(3, 3 * at)),
    );
    const { blocks = [] } = await nodeOf(store, children);
    expect(blocks).toHaveLength(1);
  });

  test("are merged only until a sample tells; then they are listed unread", async () => {
    const reads: string[] = [];
    const kept = memoryStore();
    const store = {
      ...kept,
      read: (name: string, start: number, end: number) => (reads.push(name), kept.read(name, start, end)),
    } satisfies Store;
    const children = await chunksOf(
      store,
      Array.from({ length: 6 }, (_, at) => numbered(30_000, 30_000 * at)),
    );
    const { blocks } = await nodeOf(store, children, LARGE);
    expect(blocks).toEqual(children.flatMap((child) => child.blocks));
    const named = children.map((child) =>
      child.blocks?.flatMap((piece) => ("name" in piece ? piece.name : [])),
    );
    const read = named.map((names) => names?.some((name) => reads.includes(name)));
    expect(read).toEqual([true, true, true, false, false, false]);
  });
});

test("what comes after the sample is listed in its place, and merged once it would be too much", async () => {
  const store = memoryStore();
  const numbers = [numbered(30_000), numbered(30_000, 30_000), numbered(30_000, 60_000), [7, 90_000, 7]];
  numbers.push([90_001, 90_002, 90_003, 8], numbered(30_000, 80_000));
  const children: Contribution[] = [];
  for (const [at, some] of numbers.entries())
    children.push(await contributionOf(store, some, LARGE, at === 4));
  const whole = JSON.stringify(join(numbers.flat()));
  const listed = await nodeOf(store, children);
  expect(listed.blocks).toHaveLength(6);
  expect(await resultOf(store, [listed])).toBe(`${whole}\n`);
  const bytes = (listed.blocks ?? []).reduce((all, piece) => all + sizeOf(piece), 0);
  const merged = await nodeOf(store, children, { ...LARGE, mostBytes: 2 * bytes - 1 });
  expect(merged.blocks).toHaveLength(1);
  expect(await resultOf(store, [merged])).toBe(`${whole}\n`);
});

function sizeOf(piece: NonNullable<Contribution["blocks"]>[number]): number {
  return "text" in piece ? piece.text.length : piece.length;
}

test("the result is the same for any cut, any tree, and any mixture of values, blocks and segments", async () => {
  const chunk = fc.record({
    numbers: fc.array(fc.nat(40), { maxLength: 12 }),
    divided: fc.boolean(),
    fromGroups: fc.constantFrom(1, 4, Infinity),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(300, 2 ** 24),
      async (chunks, fanIn, mostBytes) => {
        const store = memoryStore();
        const all: Contribution[] = [];
        for (const { numbers, divided, fromGroups } of chunks)
          all.push(await contributionOf(store, numbers, { ...LARGE, fromGroups }, divided));
        const nodes: Contribution[] = [];
        for (let first = 0; first < all.length; first += fanIn)
          nodes.push(
            await nodeOf(store, all.slice(first, first + fanIn), {
              fromGroups: 4,
              mostBytes: mostBytes * 10,
            }),
          );
        const above = [await nodeOf(store, nodes.slice(0, 3)), await nodeOf(store, nodes.slice(3))];
        const whole = join(chunks.flatMap(({ numbers }) => numbers));
        expect(JSON.parse(await resultOf(store, above))).toEqual(whole);
        expect(Object.keys(JSON.parse(await resultOf(store, nodes)) as object)).toEqual(Object.keys(whole));
      },
    ),
    { numRuns: 300 },
  );
});
