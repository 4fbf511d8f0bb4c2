/** How a composed object is divided: which bytes are read, which segments S3 copies. */
import { describe, expect, test } from "vitest";
import { createPartBuffer } from "../../../../src/aws/store/writing/part-buffer.ts";
import { isCopied, joinNeighbours, partsOf } from "../../../../src/aws/store/writing/parts.ts";
import type { Material } from "../../../../src/aws/store/writing/parts.ts";
import type { Piece, Segment } from "../../../../src/core/records/contribution.ts";

const MIB = 1024 * 1024;
const at = (offset: number, length: number, name = "a"): Segment => ({ name, offset, length });

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

describe("neighbours", () => {
  const joined = (...pieces: Piece[]): Promise<Piece[]> => Array.fromAsync(joinNeighbours(each(pieces)));

  test("that lie side by side in one object are one segment", async () => {
    expect(await joined(at(0, 4), at(4, 2), at(6, 1))).toEqual([at(0, 7)]);
  });

  test("with a gap, in another order, of two objects, or with text between them stay apart", async () => {
    for (const pieces of [
      [at(0, 4), at(5, 2)],
      [at(4, 2), at(0, 4)],
      [at(0, 4), at(4, 2, "b")],
      [at(0, 4), { text: "x" }, at(4, 2)],
    ]) {
      expect(await joined(...pieces)).toEqual(pieces);
    }
  });

  test("that are empty are left out", async () => {
    expect(await joined({ text: "" }, at(3, 0), { text: "x" }, at(0, 4), at(9, 0), at(4, 1))).toEqual([
      { text: "x" },
      at(0, 5),
    ]);
    expect(await joined()).toEqual([]);
  });
});

describe("the parts of an object", () => {
  /** A part is a segment that is copied, or its number of bytes. `fetched`: the segments that were read. */
  async function divided(...materials: Material[]) {
    const fetched: Segment[] = [];
    const parts = await Array.fromAsync(
      partsOf(each(materials), async (segment) => {
        fetched.push(segment);
        return new Uint8Array(segment.length);
      }),
    );
    return { parts: parts.map((part) => (part instanceof Uint8Array ? part.length : part)), fetched };
  }
  const bytes = (length: number): Uint8Array => new Uint8Array(length);

  test("are copied where a segment is large enough for a part, from 5 MiB on", async () => {
    expect(isCopied(at(0, 5 * MIB))).toBe(true);
    expect(isCopied(at(0, 5 * MIB - 1))).toBe(false);
    expect(await divided(at(7, 5 * MIB))).toEqual({ parts: [at(7, 5 * MIB)], fetched: [] });
  });

  test("before a copy are filled up to 5 MiB from its first bytes", async () => {
    expect(await divided(bytes(MIB), at(7, 20 * MIB))).toEqual({
      parts: [5 * MIB, at(7 + 4 * MIB, 16 * MIB)],
      fetched: [at(7, 4 * MIB)],
    });
    expect(await divided(bytes(5 * MIB), at(7, 5 * MIB))).toEqual({
      parts: [5 * MIB, at(7, 5 * MIB)],
      fetched: [],
    });
  });

  test("are read as a whole where too little would be left to copy", async () => {
    expect(await divided(bytes(MIB), at(7, 9 * MIB - 1))).toEqual({
      parts: [8 * MIB, 2 * MIB - 1],
      fetched: [at(7, 9 * MIB - 1)],
    });
    expect(await divided(bytes(MIB), at(7, 9 * MIB))).toMatchObject({
      parts: [5 * MIB, at(7 + 4 * MIB, 5 * MIB)],
    });
  });

  test("of more than 512 MiB are copied in several requests of about one size", async () => {
    const { parts, fetched } = await divided(at(3, 1024 * MIB + 1));
    const copied = parts.filter((part) => typeof part === "object");
    expect([copied.length, fetched]).toEqual([3, []]);
    expect(await Array.fromAsync(joinNeighbours(each(copied)))).toEqual([at(3, 1024 * MIB + 1)]);
    const lengths = copied.map(({ length }) => length);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    expect((await divided(at(3, 1024 * MIB))).parts).toHaveLength(2);
  });

  test("of bytes alone have 8 MiB each, and the last one has the rest", async () => {
    expect(await divided(bytes(8 * MIB), bytes(8 * MIB), bytes(1))).toEqual({
      parts: [8 * MIB, 8 * MIB, 1],
      fetched: [],
    });
    expect(await divided()).toEqual({ parts: [], fetched: [] });
  });
});

test("a buffer of parts keeps some bytes back, and gives every byte once, in order", () => {
  const buffer = createPartBuffer();
  const pattern = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const block = Buffer.alloc(9 * MIB, pattern);
  buffer.add(block.subarray(0, 8 * MIB));
  expect([...buffer.takeParts()]).toEqual([]);
  buffer.add(block.subarray(8 * MIB));
  expect(buffer.bytes).toBe(9 * MIB);
  const parts = [...buffer.takeParts()];
  expect([parts.map(({ length }) => length), buffer.bytes]).toEqual([[8 * MIB], MIB]);
  const rest = [...buffer.takeRest()];
  expect(Buffer.concat([...parts, ...rest]).equals(block)).toBe(true);
  expect([[...buffer.takeRest()], buffer.bytes]).toEqual([[], 0]);
});
