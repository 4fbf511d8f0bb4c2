/** How the items of a chunk that is cut are divided into parts. */
import { expect, test } from "vitest";
import type { Records } from "../../../../src/input/reader.ts";
import { stretchesOf } from "../../../../src/runner/chunk/cutting/stretches.ts";
import type { Stretch } from "../../../../src/runner/chunk/cutting/stretches.ts";
import type { Outcome } from "../../../../src/runner/item/item-outcome.ts";
import type { PendingItem } from "../../../../src/runner/slots/ordered-window.ts";

const RECORDS: Records = {
  values: [],
  unreadable: null,
  lines: 0,
  locate: (index) => ({ offset: index, line: index, raw: "", key: index }),
};
const FAILED: Outcome = {
  ok: false,
  code: "ITEM_FAILED",
  error: { name: "Error", message: "no" },
  attempts: 1,
};

/**
 * `v`, `f`: done; `.`: interrupted; `l`: a limit gives it back; `w`: asked to wait, each longer than the one
 * before.
 */
function pending(items: string): PendingItem[] {
  const outcomes: { readonly [letter: string]: (index: number) => Outcome | null } = {
    v: (index) => ({ ok: true, value: index }),
    f: () => FAILED,
    ".": () => null,
    l: () => ({ ok: null, at: 50, waitedMs: 0 }),
    w: (index) => ({ ok: null, at: 100 + index, waitedMs: 1 + index }),
  };
  return Array.from(items, (letter, index) => {
    return { records: RECORDS, index, before: 0, outcome: outcomes[letter]?.(index) ?? null, bytes: 0 };
  });
}

const shown = (stretches: readonly Stretch[]): unknown[] =>
  stretches.map(({ from, items, done, at, waitedMs }) => [from.index, items.length, done, at, waitedMs]);

test("neighbours that are done, and neighbours that are not, are a stretch each", () => {
  expect(shown(stretchesOf(pending("vfv..v.")))).toEqual([
    [0, 3, true, 0, 0],
    [3, 2, false, 0, 0],
    [5, 1, true, 0, 0],
    [6, 1, false, 0, 0],
  ]);
  expect(stretchesOf([])).toEqual([]);
});

test("an item that was asked to wait shares its stretch with no other, and keeps its own wait", () => {
  expect(shown(stretchesOf(pending("ww.wv")))).toEqual([
    [0, 1, false, 100, 1],
    [1, 1, false, 101, 2],
    [2, 1, false, 0, 0],
    [3, 1, false, 103, 4],
    [4, 1, true, 0, 0],
  ]);
});

test("items that a limit gives back wait together, as long as the longest of them", () => {
  const items = pending("l.ll");
  const [, , third] = items;
  if (third) third.outcome = { ok: null, at: 70, waitedMs: 0 };
  expect(shown(stretchesOf(items))).toEqual([[0, 4, false, 70, 0]]);
});

test("fifty items that wait have a stretch each; of more, neighbours wait together for the last of them", () => {
  expect(stretchesOf(pending("w".repeat(50)))).toHaveLength(50);
  expect(shown(stretchesOf(pending(`v${"w".repeat(50)}`)))).toEqual([
    [0, 1, true, 0, 0],
    [1, 50, false, 150, 51],
  ]);
});

test("too many stretches keep the longest that are done, and the shorter ones run again", () => {
  // Ten of one done item, and forty of two: an item that runs again is between each two.
  const stretches = stretchesOf(pending(`${"v.".repeat(10)}${"vv.".repeat(40)}`));
  expect(stretches.length).toBeLessThanOrEqual(50);
  const done = stretches.filter((one) => one.done);
  expect(done.map(({ items }) => items.length)).toEqual(Array.from({ length: 24 }, () => 2));
  // Every item is in one stretch, in order.
  const all = stretches.flatMap(({ items }) => items.map(({ index }) => index));
  expect(all).toEqual(Array.from({ length: 140 }, (_, index) => index));
  const again = stretches.filter((one) => !one.done).flatMap(({ items }) => items);
  expect(again.every(({ outcome }) => outcome === null)).toBe(true);
  // With as many as there may be, each that is done is kept.
  expect(stretchesOf(pending("vww".repeat(25))).filter((one) => one.done)).toHaveLength(25);
});
