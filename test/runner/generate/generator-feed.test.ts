import { expect, test } from "vitest";
import type { Generate } from "../../../src/input/reader.ts";
import { generatorFeed } from "../../../src/runner/generate/generator-feed.ts";
import type { GeneratorFeed } from "../../../src/runner/generate/generator-feed.ts";

const never = (): boolean => false;

function feeding(generate: unknown, interrupted = never) {
  const controller = new AbortController();
  const context = { signal: controller.signal, params: null } as unknown as Parameters<Generate>[0];
  const feed = generatorFeed(generate as Generate, context, interrupted);
  return { feed, abort: () => controller.abort() };
}

async function itemsOf(feed: GeneratorFeed): Promise<unknown[]> {
  const items: unknown[] = [];
  for (;;) {
    const fed = await feed.next(never);
    if (typeof fed === "string") return [...items, fed];
    items.push(fed.item);
  }
}

test.for<[string, unknown]>([
  ["a generator", () => [1, undefined, 3].values()],
  ["an array", () => [1, undefined, 3]],
  [
    "an async generator",
    async function* () {
      yield* [1, undefined, 3];
    },
  ],
])("the items of %s come one by one, until it is over", async ([, generate]) => {
  expect(await itemsOf(feeding(generate).feed)).toEqual([1, undefined, 3, "over"]);
  expect(await itemsOf(feeding(() => "ab").feed)).toEqual(["a", "b", "over"]);
});

test.for<[string, unknown, string]>([
  ["a promise", async () => [1], "returned a promise"],
  ["an object", () => ({}), "cannot be iterated"],
  ["nothing", () => null, "cannot be iterated"],
  ["a number", () => 5, "cannot be iterated"],
])("a function that returns %s is told how to be written", async ([, generate, what]) => {
  const { feed } = feeding(generate);
  await expect(feed.next(never)).rejects.toThrow(what);
  await expect(feed.next(never)).rejects.toThrow("write it with a star");
});

test("an item that was not waited for is not lost, and nothing is asked for twice", async () => {
  let asked = 0;
  const gate = Promise.withResolvers<void>();
  const { feed } = feeding(async function* () {
    asked++;
    await gate.promise;
    yield "late";
    asked++;
    yield "next";
  });
  let isLate = false;
  const waiting = feed.next(() => isLate);
  await new Promise(setImmediate);
  isLate = true;
  feed.wake();
  expect(await waiting).toBe("late");
  expect(await feed.next(() => true)).toBe("late");
  gate.resolve();
  expect(await feed.next(never)).toEqual({ item: "late" });
  expect(asked).toBe(1);
  expect(await itemsOf(feed)).toEqual(["next", "over"]);
});

test("a wait ends when the batch is interrupted; a generator that never waits is asked every 64 items", async () => {
  const { feed, abort } = feeding(async function* () {
    yield await new Promise<never>(() => {});
  });
  const waiting = feed.next(never);
  await new Promise(setImmediate);
  abort();
  expect(await waiting).toBe("interrupted");
  const { feed: endless } = feeding(
    function* () {
      for (let n = 0; ; n++) yield n;
    },
    () => true,
  );
  expect(await itemsOf(endless)).toEqual([...Array(63).keys(), "interrupted"]);
});

test("an error of the generator comes after the items before it, and closing it ends it", async () => {
  const { feed } = feeding(function* () {
    yield 1;
    throw new TypeError("no more");
  });
  expect(await feed.next(never)).toEqual({ item: 1 });
  await expect(feed.next(never)).rejects.toThrow("no more");
  let ended = false;
  const { feed: closing } = feeding(function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      ended = true;
    }
  });
  expect(await closing.next(never)).toEqual({ item: 1 });
  closing.close();
  expect(ended).toBe(true);
  // It was never begun.
  feeding(() => [1]).feed.close();
});
