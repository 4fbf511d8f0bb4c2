/** The entries of a plan of generated items: how large their chunks are, and how long they wait for items. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { Cut } from "../../../src/core/records/plan.ts";
import type { NextChunks } from "../../../src/core/chunk-size.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

const NO_BYTES = Number.MAX_SAFE_INTEGER;

/** The plan of a generator, in a time that the test moves. */
async function planOf(generate: () => AsyncIterable<unknown> | Iterable<unknown>, sized = true) {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.resetModules();
  });
  vi.resetModules();
  const { generated } = await import("../../../src/runner/generate/generated-plan.ts");
  const { generatorFeed } = await import("../../../src/runner/generate/generator-feed.ts");
  const { signal } = new AbortController();
  const feed = generatorFeed(generate, { signal, params: null }, () => false);
  const plan = generated({ feed, store: memoryStore(65_536), last: null, sized });
  const lengths = async (wanted: Partial<NextChunks>): Promise<number[] | undefined> =>
    lengthsOf(await plan.next({ count: 100, bytes: NO_BYTES, items: null, ...wanted }));
  return { lengths, after: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

function lengthsOf(cut: Cut | null): number[] | undefined {
  return cut?.ranges.map(({ start, end }) => end - start);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n % 10);

test("a chunk ends with the item that brings it to the bytes that are wanted", async () => {
  // A digit and its line end are two bytes.
  for (const bytes of [9, 10]) {
    const { lengths } = await planOf(() => numbers(11));
    expect(await lengths({ bytes })).toEqual([10, 10, 2]);
    expect(await lengths({ bytes })).toEqual([]);
  }
});

test("a chunk has the items that are wanted, and no more than 16 MiB if bytes do not matter", async () => {
  const { lengths } = await planOf(() => numbers(7));
  expect(await lengths({ items: 3 })).toEqual([6, 6, 2]);
  const mib6 = 6 * 1024 * 1024;
  const large = await planOf(() => numbers(4).map((n) => `${n}`.repeat(mib6 - 3)));
  expect(await large.lengths({ items: 100 })).toEqual([3 * mib6, mib6]);
});

test("an entry has as many chunks as are wanted", async () => {
  const { lengths } = await planOf(() => numbers(5));
  expect(await lengths({ items: 1, count: 2 })).toEqual([2, 2]);
  expect(await lengths({ items: 1, count: 2 })).toEqual([2, 2]);
  expect(await lengths({ items: 1, count: 2 })).toEqual([2]);
});

/** Yields the first items at once, and others when the test says so. */
function gated(...counts: readonly number[]) {
  const gates = counts.map(() => Promise.withResolvers<void>());
  async function* generate(): AsyncGenerator<number> {
    for (const [place, count] of counts.entries()) {
      if (place > 0) await gates[place]?.promise;
      yield* numbers(count);
    }
  }
  return { generate, open: (place: number) => gates[place]?.resolve() };
}

test("without a size of chunks, an entry is written a quarter of a second after its first item", async () => {
  const { generate, open } = gated(2, 1, 1);
  const { lengths, after } = await planOf(generate, false);
  const seen: unknown[] = [];
  void lengths({ items: 3 }).then((first) => seen.push(first));
  await after(249);
  expect(seen).toEqual([]);
  await after(10);
  expect(seen).toEqual([[4]]);
  open(1);
  void lengths({ items: 3 }).then((second) => seen.push(second));
  await after(260);
  expect(seen).toEqual([[4], [2]]);
});

test("with a size of chunks, an entry waits ten seconds for the rest of a chunk, and no longer", async () => {
  const { generate, open } = gated(4, 1, 9);
  const { lengths, after } = await planOf(generate);
  const seen: unknown[] = [];
  void lengths({ items: 3 }).then((first) => seen.push(first));
  await after(10_240);
  expect(seen).toEqual([]);
  await after(20);
  expect(seen).toEqual([[6, 2]]);
  open(1);
  void lengths({ items: 3 }).then((second) => seen.push(second));
  await after(5000);
  expect(seen).toHaveLength(1);
  // Two of these are the rest of it: the others are for the next entry.
  open(2);
  await after(10);
  expect(seen).toEqual([[6, 2], [6]]);
});
