import { describe, expect, test } from "vitest";
import { count } from "../../../src/joins/exact/count.ts";
import { mean } from "../../../src/joins/exact/mean.ts";
import { fold } from "../../../src/joins/fold.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";

const words = ["b", "10", "a", "b", "9", "a", "c"];
const byWord = groupBy((word: string) => word, count());

describe("groups in an order", () => {
  test("ascend by default; equal ones are in the order of their first appearance", () => {
    expect(byWord.orderBy((n) => n)(words)).toEqual(
      ["10", "9", "c", "b", "a"].map((key) => ({ key, value: key === "a" || key === "b" ? 2 : 1 })),
    );
    expect(byWord.orderBy((n) => n, "desc").limit(2)(words)).toEqual([
      { key: "b", value: 2 },
      { key: "a", value: 2 },
    ]);
    expect(
      byWord
        .orderBy((_, key) => key)
        .limit(2)(words)
        .map(({ key }) => key),
    ).toEqual(["10", "9"]);
  });

  test("put null last in both directions", () => {
    const order = (direction: "asc" | "desc"): unknown =>
      byWord
        .orderBy(
          (n, key) => (key === "b" ? null : n),
          direction,
        )(words)
        .at(-1)?.key;
    expect([order("asc"), order("desc")]).toEqual(["b", "b"]);
  });

  test("a limit of many groups holds the right ones", () => {
    const numbers = Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 30_011);
    const top = groupBy(
      String,
      mean((n: number) => n),
    )
      .orderBy((value) => value, "desc")
      .limit(3)(numbers);
    expect(top.map(({ value }) => value)).toEqual(numbers.toSorted((a, b) => b - a).slice(0, 3));
  });

  test("keys of several parts are arrays; a text that only looks like one stays text", () => {
    const join = groupBy((key: string | (string | number)[]) => key, count());
    expect(join([["PT", 2024], "[x]", "[1, 2]", ["PT", 2024]])).toEqual({
      '["PT",2024]': 2,
      "[x]": 1,
      "[1, 2]": 1,
    });
    expect(
      join
        .orderBy(
          (n) => n,
          "desc",
        )([["PT", 2024], "[x]", "[1, 2]"])
        .map(({ key }) => key),
    ).toEqual([["PT", 2024], "[x]", "[1, 2]"]);
  });

  test("what is sorted by has to be a number, text or null", () => {
    expect(() => byWord.orderBy(() => NaN)(words)).toThrow(/was given NaN for the group "b"/);
    expect(() => byWord.orderBy(undefined as never)).toThrow("orderBy needs a function");
    expect(() => byWord.orderBy((n) => n, "down" as never)).toThrow(
      'has to be "asc" or "desc", but is "down"',
    );
    expect(() => byWord.orderBy((n) => n).limit(0)).toThrow("limit of orderBy(…) has to be a whole number");
    expect(() => byWord.orderBy((n) => n).limit(undefined as never)).toThrow("needs a number");
  });
});

describe("the text of a result in parts", () => {
  const textOf = (join: typeof byWord, values: readonly string[]): string => {
    const acc = values.reduce(
      (all, value, key) => join.add(all, join.prepare(value), { source: 0, key }),
      join.init(),
    );
    return [...(join.large?.resultText(acc, "") ?? [])].join("");
  };

  test("has keys that are array indexes first, as an object has, and no others", () => {
    const keys = ["b", "10", "4294967295", "9", "4294967294", "01", "-1", "0", "__proto__", "1e3"];
    expect(textOf(byWord, keys)).toBe(JSON.stringify(byWord(keys)));
    expect(Object.keys(JSON.parse(textOf(byWord, keys)) as object).slice(0, 4)).toEqual([
      "0",
      "9",
      "10",
      "4294967294",
    ]);
    expect(textOf(byWord, ["3", "1", "2"])).toBe('{"1":1,"2":1,"3":1}');
    expect(textOf(byWord, [])).toBe("{}");
  });

  test("names the place of what JSON would change", () => {
    const nan = fold({
      init: () => 0,
      add: (n: number) => n + 1,
      merge: (a, b) => a + b,
      finish: () => ({ x: NaN }),
    });
    const join = groupBy((word: string) => word, nan) as never as typeof byWord;
    expect(() => textOf(join, ["a b"])).toThrow('finish returned a value whose ["a b"].x is NaN');
  });
});
