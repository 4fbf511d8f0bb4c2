import { expect, test } from "vitest";
import { ChunkSet } from "../../src/outputs/chunk-set.ts";
import { cursorOf, parseCursor, ReadPosition } from "../../src/outputs/read-position.ts";

const BATCH = "01BATCH";
const seen = ChunkSet.upTo(3);
seen.add(5);
const position = new ReadPosition({
  order: "completed",
  base: 0,
  pass: 1,
  at: 0,
  partial: 7,
  skip: 12,
  seen,
});

test("a cursor gives its position back", () => {
  const cursor = cursorOf(BATCH, position);
  expect(parseCursor(BATCH, cursor, 1)).toEqual(position);
  expect(cursorOf(BATCH, parseCursor(BATCH, cursor, 1))).toBe(cursor);
});

test("a cursor is short, and needs no escapes in a URL", () => {
  const cursor = cursorOf(BATCH, position);
  expect(encodeURIComponent(cursor)).toBe(cursor);
  expect(cursor.length).toBeLessThan(40);
});

test("the longest cursor fits into a URL", () => {
  const full = ChunkSet.upTo(0);
  for (let chunk = 1; full.hasRoomFor(chunk * 2000); chunk++) full.add(chunk * 2000);
  const longest = new ReadPosition({
    order: "completed",
    base: 9,
    pass: 9,
    at: Number.MAX_SAFE_INTEGER,
    partial: 400_000,
    skip: Number.MAX_SAFE_INTEGER,
    seen: full,
  });
  const cursor = cursorOf(BATCH, longest);
  expect(cursor.length).toBeLessThan(2000);
  expect(parseCursor(BATCH, cursor, 9)).toEqual(longest);
});

test.for([
  ["of another batch", (good: string) => ["01OTHER", good]],
  ["that was cut", (good: string) => [BATCH, good.slice(0, -1)]],
  ["that was changed", (good: string) => [BATCH, good.replace("c0", "c1")]],
  ["in another order", (good: string) => [BATCH, good.replace("c", "i")]],
  ["of nothing", () => [BATCH, "x"]],
  ["of dots", () => [BATCH, "..."]],
] as const)("a cursor %s is refused", ([, change]) => {
  const [batch = "", cursor = ""] = change(cursorOf(BATCH, position));
  expect(() => parseCursor(batch, cursor, 1)).toThrow(
    expect.objectContaining({
      code: "REQUEST_INVALID",
      message: expect.stringContaining("begin again without one"),
    }),
  );
});

test("a cursor of a generation that the batch does not have is refused", () => {
  expect(() => parseCursor(BATCH, cursorOf(BATCH, position), 0)).toThrow(
    "does not come from an earlier page",
  );
});
