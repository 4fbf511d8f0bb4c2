import { expect, test } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { readBlocks, writeBlocks } from "../../../src/runner/contribution/value-blocks.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

const MOST = { fromGroups: 1, mostBytes: 1_000_000 };

const VALUES: readonly Json[] = [{ a: "é€" }, [], "x".repeat(50), 7, null, { "": ["\n"] }];

test("blocks are read as they were written, wherever the store's blocks end", async () => {
  for (const blockBytes of [1, 2, 3, 7, 64, 4096]) {
    const store = memoryStore(blockBytes);
    const pieces = await writeBlocks(
      store,
      VALUES.map((value) => JSON.stringify(value)),
      MOST,
    );
    // However short, they are not in a record.
    expect(pieces).toEqual([expect.objectContaining({ offset: 0 })]);
    expect(await Array.fromAsync(readBlocks(store, pieces))).toEqual(VALUES);
  }
});

test("blocks of text and of several segments are read in their order", async () => {
  const store = memoryStore(5);
  const [first] = await writeBlocks(store, ["1", "2"], MOST);
  const [second] = await writeBlocks(store, ["5"], MOST);
  const pieces: Piece[] = [first as Piece, { text: "3\n4\n" }, second as Piece];
  expect(await Array.fromAsync(readBlocks(store, pieces))).toEqual([1, 2, 3, 4, 5]);
  expect(await writeBlocks(store, [], MOST)).toEqual([]);
});

test("a block is whole though the store fills its buffer again", async () => {
  const store = memoryStore(4);
  const pieces = await writeBlocks(store, ['"abcdefghij"', '"klm"'], MOST);
  const buffer = Buffer.alloc(4);
  const reusing: Pick<typeof store, "read"> = {
    async *read(...range) {
      for await (const block of store.read(...range)) {
        buffer.fill(0);
        buffer.set(block);
        yield buffer.subarray(0, block.length);
      }
    },
  };
  expect(await Array.fromAsync(readBlocks(reusing, pieces))).toEqual(["abcdefghij", "klm"]);
});

test("a value with more characters than it may have is JOIN_TOO_LARGE, one with as many is not", async () => {
  const texts = ['"abc"', '"def"'];
  const store = memoryStore();
  expect(await writeBlocks(store, texts, { fromGroups: 1, mostBytes: 10 })).toHaveLength(1);
  await expect(writeBlocks(store, texts, { fromGroups: 1, mostBytes: 9 })).rejects.toMatchObject({
    code: "JOIN_TOO_LARGE",
    message: expect.stringContaining("more than 9 characters") as string,
  });
});
