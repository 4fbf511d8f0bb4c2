import { expect, test } from "vitest";
import {
  anything,
  count,
  countUpTo,
  entries,
  flag,
  jsonOrNull,
  list,
  matching,
  maybe,
  number,
  object,
  oneOf,
  partAt,
  text,
} from "../../../src/core/json/shape.ts";

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

test.for<[name: string, check: (value: unknown) => string | null, right: unknown[], wrong: unknown[]]>([
  ["anything", anything, [null, undefined, 1, {}], []],
  ["text", text, ["", "x"], [1, null, undefined, []]],
  ["a flag", flag, [true, false], [0, "true", null]],
  ["a count", count, [0, 1, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, "1", Number.NaN]],
  ["a count up to 5", countUpTo(5), [0, 5], [6, -1]],
  ["one of two", oneOf(["a", "b"]), ["a", "b"], ["c", "", 1, null]],
  ["a text or nothing", maybe(text), ["x", null, undefined], [1]],
  ["a list", list(text), [[], ["x"]], [null, {}, "x"]],
  ["properties by name", entries(() => text), [{}, { a: "x" }], [null, [], "x", 1]],
])("%s is told from what it is not", ([, check, right, wrong]) => {
  for (const value of right) expect(check(value)).toBeNull();
  for (const value of wrong) expect(check(value)).not.toBeNull();
});

test("text that is not JSON is to be checked like any other value", () => {
  expect(jsonOrNull('{"a":1}')).toEqual({ a: 1 });
  expect(jsonOrNull("{")).toBeNull();
});

test("a path that leads nowhere has no part", () => {
  for (const value of [null, "x", 1, { a: null }, { a: "x" }]) expect(partAt(value, ".a.b")).toBeUndefined();
  expect(partAt({ a: [{ b: 1 }] }, ".a[0].b")).toBe(1);
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
