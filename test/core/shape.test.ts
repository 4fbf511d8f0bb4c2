import { expect, test } from "vitest";
import { count, entries, list, matching, maybe, number, object, partAt, text } from "../../src/core/shape.ts";

const shape = object({ name: matching(/^[a-z]+$/), sizes: list(count), more: maybe(object({ note: text })) });

test("a value of the shape passes, with properties that are not known", () => {
  expect(shape({ name: "a", sizes: [0, 1] })).toBeNull();
  expect(shape({ name: "a", sizes: [], more: null, later: {} })).toBeNull();
});

test.for<[value: unknown, path: string, part: unknown]>([
  [null, "", null],
  [[], "", []],
  [{ sizes: [] }, ".name", undefined],
  [{ name: "A", sizes: [] }, ".name", "A"],
  [{ name: "a", sizes: { length: 2 } }, ".sizes", { length: 2 }],
  [{ name: "a", sizes: [1, 1.5] }, ".sizes[1]", 1.5],
  [{ name: "a", sizes: [], more: { note: 1 } }, ".more.note", 1],
])("%j is refused at %j", ([value, path, part]) => {
  expect(shape(value)).toBe(path);
  expect(partAt(value, path)).toEqual(part);
});

test("numbers are finite", () => {
  expect(number(JSON.parse("1e999"))).toBe("");
  expect(number(0.5)).toBeNull();
});

test("properties without known names are checked by their name", () => {
  const check = entries((name) => (name.startsWith("n") ? number : text));
  expect(check({ n1: 1, t: "x" })).toBeNull();
  expect(check({ n1: "x" })).toBe(".n1");
});
