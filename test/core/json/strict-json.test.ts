import { runInNewContext } from "node:vm";
import { anything, assert, jsonValue, pre, property } from "fast-check";
import { expect, test } from "vitest";
import { AS_DATA, AS_TEXT, jsonProblem, parseJson, problemText } from "../../../src/core/json/strict-json.ts";

const textOf = (value: unknown, rules = AS_DATA): string | null => {
  const problem = jsonProblem(value, rules);
  return problem && `${problem.path || "the value"} is ${problem.found}`;
};

class Point {
  x = 1;
}

test.for([
  [NaN, "the value is NaN"],
  [undefined, "the value is undefined"],
  [() => 1, "the value is a function"],
  [1n, "the value is a bigint"],
  [Symbol("s"), "the value is a symbol"],
  [{ min: Infinity }, ".min is Infinity"],
  [{ prices: [{ low: -Infinity }] }, ".prices[0].low is -Infinity"],
  [[1, undefined], "[1] is undefined"],
  // oxlint-disable-next-line no-sparse-arrays
  [[1, , 3], "[1] is undefined"],
  [{ "a b": NaN }, '["a b"] is NaN'],
  [{ f: () => 1 }, ".f is a function"],
  [{ seen: new Set([1]) }, ".seen is a Set"],
  [{ seen: new Map() }, ".seen is a Map"],
  [{ raw: new Uint8Array(2) }, ".raw is an Uint8Array"],
  [{ error: new TypeError("x") }, ".error is a TypeError"],
  [{ later: Promise.resolve() }, ".later is a Promise"],
  [{ at: new Date(NaN) }, ".at is a Date that writes itself as null"],
] as const)("%o is refused as text, with its path: %s", ([value, text]) => {
  expect(textOf(value, AS_TEXT)).toBe(text);
});

test.for([
  [{ at: new Date(0) }, ".at is a Date"],
  [{ p: new Point() }, ".p is a Point"],
  [new URL("https://example.com"), "the value is an URL"],
] as const)("%o passes as text, and is refused as data: %s", ([value, text]) => {
  expect(textOf(value, AS_TEXT)).toBeNull();
  expect(textOf(value, AS_DATA)).toBe(text);
});

test("the text of a problem names the path, or the value itself", () => {
  const text = (value: unknown): string =>
    problemText("process returned", jsonProblem(value, AS_TEXT) ?? { path: "", found: "" });
  expect(text({ min: NaN })).toBe("process returned a value whose .min is NaN, which JSON cannot hold");
  expect(text(NaN)).toBe("process returned NaN, which JSON cannot hold");
});

test("a value that contains itself is refused as text and as data", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect(textOf(cycle)).toBe("the value is a value that contains itself, or is nested too deeply");
});

test("a property that is undefined is left out, -0 passes, an object without a prototype is plain", () => {
  expect(textOf({ a: undefined, b: -0 })).toBeNull();
  expect(textOf(Object.assign(Object.create(null) as object, { a: 1 }))).toBeNull();
});

test("a plain object of another realm passes as text", () => {
  expect(textOf(runInNewContext("({ a: 1 })"), AS_TEXT)).toBeNull();
});

test("a value that passes as data is the same after JSON", () => {
  assert(
    property(anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
      pre(jsonProblem(value, AS_DATA) === null);
      // `undefined` properties are left out, and -0 becomes 0: both are said in the docs.
      expect(JSON.parse(JSON.stringify(value))).toEqual(positiveZero(value));
    }),
    { numRuns: 2000 },
  );
});

function positiveZero(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(positiveZero);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, positiveZero(one)]));
}

test("all JSON passes", () => {
  assert(
    property(jsonValue(), (value) => {
      expect(jsonProblem(value, AS_DATA)).toBeNull();
    }),
  );
});

test("text with a number that is too large is refused with its place, other JSON is read", () => {
  expect(() => parseJson('{"limits":[1,1e400]}')).toThrow(".limits[1] is too large for a number");
  expect(() => parseJson("-1e999")).toThrow("the number is too large for a number");
  expect(() => parseJson("{")).toThrow(SyntaxError);
  expect(parseJson('{"a":[1e308,null,"x"]}')).toEqual({ a: [1e308, null, "x"] });
});
