import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkSet } from "../../src/outputs/chunk-set.ts";

const chunks = fc.uniqueArray(fc.nat(120), { maxLength: 100 });

test("a set has exactly the chunks that were added, also after it was written and read", () => {
  fc.assert(
    fc.property(fc.nat(10), chunks, (start, added) => {
      const set = ChunkSet.upTo(start);
      for (const chunk of added.filter((one) => one >= start)) set.add(chunk);
      const read = ChunkSet.parse(set.distances());
      const expected = Array.from({ length: 130 }, (_, chunk) => chunk).filter(
        (chunk) => chunk >= start && !added.includes(chunk),
      );
      expect(read?.missing(0, 130)).toEqual(expected);
      expect(read?.missing(17, 63)).toEqual(expected.filter((chunk) => chunk >= 17 && chunk < 63));
      expect(read?.firstMissing).toBe(expected[0]);
    }),
  );
});

test("a set of all chunks up to some number takes one number, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }), (order) => {
      const set = ChunkSet.upTo(0);
      for (const chunk of order) set.add(chunk);
      expect(set.distances()).toEqual([40]);
    }),
  );
});

test("a set with many gaps has room only for chunks beside its own", () => {
  const set = ChunkSet.upTo(0);
  let added = 0;
  for (; set.hasRoomFor(2 * added + 1); added++) set.add(2 * added + 1);
  expect(added).toBe(200);
  expect(set.hasRoomFor(1000)).toBe(false);
  expect(set.hasRoomFor(2)).toBe(true);
  set.add(2);
  expect(set.hasRoomFor(1000)).toBe(true);
});

test.for([[[]], [[1, 2]], [[0, 0, 1]], [[1, 2, 0]], [Array(403).fill(1)]])("%j are no set", ([numbers]) => {
  expect(ChunkSet.parse(numbers as number[])).toBeNull();
});
