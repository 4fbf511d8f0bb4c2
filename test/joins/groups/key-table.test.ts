import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import { KeyIndex } from "../../../src/joins/groups/key-index.ts";
import { KeyTable } from "../../../src/joins/groups/key-table.ts";

/** Any code units: lone surrogates, separators of fanjoin's own, and many that are equal. */
const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom("", "\x7f", "a\x7fb", "__proto__", "ÿ", "Ā", "\ud800", "x".repeat(5000)),
);

/** More than are kept in a map, and more than the first slots. */
const MANY = 120_000;
const names = Array.from({ length: MANY }, (_, i) => `user-${(i * 7919) % MANY}`);

function numberIn(index: KeyIndex, text: string, from = 0, to = text.length): number {
  const number = index.find(text, from, to);
  return number === -1 ? index.add(text, from, to) : number;
}

describe("keys are numbered in the order of their first appearance", () => {
  test("whatever their characters", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const index = new KeyIndex();
        const known = new Map<string, number>();
        for (const one of keys) {
          if (!known.has(one)) known.set(one, known.size);
          expect(numberIn(index, `<${one}>`, 1, one.length + 1)).toBe(known.get(one));
        }
        const distinct = [...known.keys()];
        expect([...index.texts()]).toEqual(distinct);
        expect(distinct.map((_, at) => index.textAt(at))).toEqual(distinct);
        const isPlain = distinct.length > 0 && !distinct.some((one) => one.includes("\x7f"));
        expect(index.joined(0, index.size)).toBe(isPlain ? distinct.join("\x7f") : null);
      }),
    );
  });

  test("however many they are, and however they come", () => {
    const one = new KeyTable();
    expect(names.findIndex((name, at) => one.at(name) !== at)).toBe(-1);
    const texts = new KeyTable();
    for (let from = 0; from < MANY; from += 4000) {
      const joined = one.joined(from, from + 4000);
      expect(joined).toBe(names.slice(from, from + 4000).join("\x7f"));
      // Half of them are known.
      const numbers = [...texts.atEach(one.joined(from, from + 2000)), ...texts.atEach(joined)];
      expect(numbers.findIndex((number, i) => number !== from + (i < 2000 ? i : i - 2000))).toBe(-1);
    }
    for (const table of [one, texts]) {
      expect([...table.names()]).toEqual(names);
      expect(table.name(MANY - 1)).toBe(names.at(-1));
      expect(table.find("user-x")).toBe(-1);
      expect([...table].findIndex(([name, at]) => table.find(name) !== at)).toBe(-1);
    }
  });

  test("also if one of many has a character of more than a byte, or the separator", () => {
    const table = new KeyTable();
    const odd = [...names, "日本", "ÿ", "a\x7fb"];
    for (const name of odd) table.at(name);
    expect([...table.names()]).toEqual(odd);
    expect(table.find("日本")).toBe(MANY);
    expect(table.joined(MANY - 1, MANY + 3)).toEqual(odd.slice(-4));
    expect(new KeyTable().atEach(table.joined(0, 100))).toHaveLength(100);
  });
});

test("groups are the same in one table, in many that are merged, and read from blocks", () => {
  const join = groupBy((at: number) => `k${(at * 31) % 70_001}`, { total: sum((at: number) => at / 4) });
  const accOf = (from: number, to: number) => {
    let acc = join.init();
    for (let at = from; at < to; at++) acc = join.add(acc, join.prepare(at), { source: 0, key: at });
    return acc;
  };
  const { large } = join;
  if (!large) throw new Error("groupBy is large");
  const textOf = (acc: unknown): string => [...large.resultText(acc, "")].join("");
  const whole = textOf(accOf(0, MANY));
  expect(textOf(join.merge(accOf(0, 50_000), accOf(50_000, MANY)))).toBe(whole);
  let read = join.init();
  for (const [from, to] of [
    [0, 20_000],
    [20_000, 90_000],
    [90_000, MANY],
  ] as const)
    for (const block of large.blocks(accOf(from, to), 10_000))
      read = large.mergeEncoded(read, JSON.parse(block) as Json);
  expect(textOf(read)).toBe(whole);
  expect(JSON.stringify(join.finish(join.decode(join.encode(read))))).toBe(whole);
});
