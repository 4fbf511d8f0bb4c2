/** Places in runs of sources. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  MOST_SOURCES,
  beginningFrom,
  isPlaceable,
  partsOfPlace,
  placeIn,
  runFrom,
  unitsIn,
} from "../../../src/core/records/source-run.ts";

const offset = fc.nat(2 ** 32 - 1);
const number = fc.nat(MOST_SOURCES - 1);

test("a place says its source and its offset, and places are in the order of the text", () => {
  fc.assert(
    fc.property(number, offset, number, offset, (source, at, other, there) => {
      const place = placeIn(source, at);
      expect(partsOfPlace(place)).toEqual({ source, offset: at });
      expect(Number.isSafeInteger(place)).toBe(true);
      const isBefore = source < other || (source === other && at < there);
      expect(place < placeIn(other, there)).toBe(isBefore);
      expect(beginningFrom(place)).toBe(placeIn(at === 0 ? source : source + 1, 0));
    }),
  );
});

test("an offset beyond 4 GiB is no place", () => {
  expect(isPlaceable(2 ** 32 - 1)).toBe(true);
  expect(isPlaceable(2 ** 32)).toBe(false);
});

test("the parts of a run come to its size, however it is cut", () => {
  const run = fc.record({ sources: fc.integer({ min: 1, max: MOST_SOURCES }), bytes: fc.nat(2 ** 40) });
  fc.assert(
    fc.property(run, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 9 }), (of, cuts) => {
      const { start, end } = runFrom(7, of);
      const places = [start, ...cuts.map((cut) => Math.floor(cut * end)).toSorted((a, b) => a - b), end];
      const units = places.slice(1).map((to, n) => unitsIn({ start: places[n] ?? 0, end: to, run: of }));
      expect(units.reduce((sum, one) => sum + one, 0)).toBe(of.bytes);
      expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(unitsIn({ start: 3, end: 10 })).toBe(7);
});
