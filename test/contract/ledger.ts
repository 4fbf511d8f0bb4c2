/** The contract of a ledger: it does exactly what `applyUpdate` defines, one update at a time. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create } from "../../src/core/records/record.ts";
import type { Condition, Fields, Update } from "../../src/core/records/record.ts";
import type { Json } from "../../src/core/json/json.ts";
import type { Ledger } from "../../src/ports.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";

export interface LedgerUnderTest {
  readonly ledger: Ledger;
  close(): Promise<void>;
}

const KEYS = ["a", "b", "c/1"];
const WORDS = ["tag", "state", "sealed"];
const NUMBERS = ["count", "expects"];

const word = fc.constantFrom(...WORDS);
const number = fc.constantFrom(...NUMBERS);
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());

/** Nested values, without values that are equal in JSON. */
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ is: fc.constant("absent" as const), field: fc.oneof(word, number) }),
  fc.record({ is: fc.constant("present" as const), field: fc.oneof(word, number) }),
  fc.record({ is: fc.constant("equal" as const), field: word, value: scalar }),
  fc.record({ is: fc.constant("equal" as const), field: number, value: fc.integer({ min: -3, max: 3 }) }),
  fc.record({
    is: fc.constant("absent-or-above" as const),
    field: number,
    value: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({ is: fc.constant("at-most" as const), field: number, value: fc.integer({ min: -9, max: 9 }) }),
  fc.constant({ is: "new" } as const),
  fc.constant({ is: "existing" } as const),
);

/** Any update that every ledger can express: a field is set, added to, or removed. */
export const anyUpdate: fc.Arbitrary<Update> = fc
  .record({
    key: fc.constantFrom(...KEYS),
    when: fc.array(condition, { maxLength: 2 }),
    words: fc.dictionary(word, value, { maxKeys: 3, noNullPrototype: true }),
    numbers: fc.dictionary(number, fc.integer({ min: -9, max: 9 }), { maxKeys: 2, noNullPrototype: true }),
    add: fc.dictionary(number, fc.integer({ min: -9, max: 9 }), { maxKeys: 2, noNullPrototype: true }),
    removed: fc.uniqueArray(fc.oneof(word, number), { maxLength: 2 }),
  })
  .map(({ key, when, words, numbers, add, removed }) => {
    const set: Record<string, Json> = { ...words };
    for (const [name, amount] of Object.entries(numbers)) if (!(name in add)) set[name] = amount;
    const remove = removed.filter((name) => !(name in set) && !(name in add));
    return remove.length > 0 ? { key, when, set, add, remove } : { key, when, set, add };
  });

export function ledgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`the ${name} ledger`, () => {
    let opened: LedgerUnderTest;
    let ledger: Ledger;
    let round = 0;
    beforeAll(async () => {
      opened = await open();
      ({ ledger } = opened);
    });
    afterAll(() => opened.close());

    /** A prefix of keys that no other test uses. */
    const fresh = (): string => `${String(++round).padStart(6, "0")}/`;

    test("every update does what applyUpdate defines, and reads see it at once", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyUpdate, { maxLength: 30 }), async (updates) => {
          const prefix = fresh();
          const oracle = memoryLedger();
          for (const update of updates) {
            const moved = { ...update, key: prefix + update.key };
            expect(await ledger.update(moved)).toEqual(await oracle.update(moved));
          }
          const keys = KEYS.map((key) => prefix + key);
          expect(await ledger.read(keys)).toEqual(await oracle.read(keys));
          for (const options of [{}, { descending: true }, { having: "open" }] as const) {
            expect(await ledger.list(prefix, null, 10, options)).toEqual(
              await oracle.list(prefix, null, 10, options),
            );
          }
        }),
        { numRuns: 50 },
      );
    });

    test("records are read in the order of the keys, null if there is none, and twice if a key is asked for twice", async () => {
      const prefix = fresh();
      await ledger.update(create(`${prefix}x`, { n: 1 }));
      const keys = ["x", "none", "x"].map((key) => prefix + key);
      expect(await ledger.read(keys)).toEqual([{ n: 1 }, null, { n: 1 }]);
      expect(await ledger.read([])).toEqual([]);
    });

    test("one of several racing creations wins, and the others get the winner's record", async () => {
      const key = `${fresh()}race`;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => ledger.update(create(key, { n }))),
      );
      const winners = answers.filter(({ applied }) => applied);
      expect(winners).toHaveLength(1);
      expect(new Set(answers.map(({ record }) => record?.["n"])).size).toBe(1);
    });

    test("racing settles of one child count once, and those of different children all count", async () => {
      const key = `${fresh()}node`;
      const settle = (child: number, tag: string): Update => ({
        key,
        when: [{ is: "absent", field: `c${child}` }],
        set: { [`c${child}`]: tag },
        add: { settled: 1 },
      });
      const children = [0, 1, 2, 3, 4].flatMap((child) => [settle(child, "one"), settle(child, "two")]);
      const answers = await Promise.all(children.map((update) => ledger.update(update)));
      expect(answers.filter(({ applied }) => applied)).toHaveLength(5);
      const [node] = await ledger.read([key]);
      expect(node?.["settled"]).toBe(5);
    });

    test("a list goes on after a key, stays within its prefix, and is in the order of the keys' bytes", async () => {
      const prefix = fresh();
      const names = ["b", "a/1", "a/10", "a/2", "é", "😀", "z", "\uFFFD"];
      await Promise.all(names.map((one) => ledger.update(create(prefix + one, { one }))));
      await ledger.update(create(`${prefix.slice(0, -1)}0`, {}));
      const ordered = ["a/1", "a/10", "a/2", "b", "z", "é", "\uFFFD", "😀"];
      const found: string[] = [];
      for (let after: string | null = null; ;) {
        const page: { key: string; fields: Fields }[] = await ledger.list(prefix, after, 3);
        found.push(...page.map(({ key }) => key.slice(prefix.length)));
        if (page.length < 3) break;
        after = page.at(-1)?.key ?? null;
      }
      expect(found).toEqual(ordered);
      const below = await ledger.list(`${prefix}a/`, `${prefix}a/1`, 10);
      expect(below.map(({ key }) => key.slice(prefix.length))).toEqual(["a/10", "a/2"]);
      const before = await ledger.list(`${prefix}a/`, prefix, 1);
      expect(before.map(({ key }) => key.slice(prefix.length))).toEqual(["a/1"]);
    });

    test("a list from the greatest key down goes on below a key", async () => {
      const prefix = fresh();
      for (const one of ["a", "b", "c", "é"]) await ledger.update(create(prefix + one, { one }));
      const keys = async (after: string | null): Promise<string[]> =>
        (await ledger.list(prefix, after, 2, { descending: true })).map(({ key }) =>
          key.slice(prefix.length),
        );
      expect(await keys(null)).toEqual(["é", "c"]);
      expect(await keys(`${prefix}c`)).toEqual(["b", "a"]);
      expect(await keys(`${prefix}a`)).toEqual([]);
      expect(await keys(`${prefix}zzz`)).toEqual(["c", "b"]);
    });

    test("a list of open records leaves out records that were never open or no longer are", async () => {
      const prefix = fresh();
      for (const one of ["a", "b", "c", "d"]) {
        await ledger.update(create(prefix + one, one === "b" ? { one } : { one, open: "batch" }));
      }
      await ledger.update({ key: `${prefix}c`, when: [], set: {}, add: {}, remove: ["open"] });
      const list = (limit: number, after: string | null = null) =>
        ledger.list(prefix, after, limit, { having: "open" });
      expect((await list(10)).map(({ fields }) => fields["one"])).toEqual(["a", "d"]);
      expect((await list(1)).map(({ fields }) => fields["one"])).toEqual(["a"]);
      expect((await list(9, `${prefix}a`)).map(({ fields }) => fields["one"])).toEqual(["d"]);
    });
  });
}
