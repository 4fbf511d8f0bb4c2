import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  damageText,
  fullEntryCheck,
  MAX_ENTRY_CHUNKS,
  MAX_PACKED,
  MAX_PACKED_SPOOLED,
  pack,
  parseEntry,
  planKey,
  unpack,
  writeEnd,
  writeEntry,
} from "../../../src/core/records/plan.ts";
import type { PlannedRange } from "../../../src/core/records/plan.ts";
import { runFrom } from "../../../src/core/records/source-run.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Update } from "../../../src/core/records/record.ts";
import { sizeInDynamoDB } from "./size.ts";

const BATCH = "01K5ZZZZZZZZZZZZZZZZZZZZZZ";

/** Runs of contiguous ranges, with gaps, jumps and changes of the source in between. */
const ranges = fc
  .array(
    fc.record({
      source: fc.nat(5_000),
      start: fc.nat(2 ** 50),
      lengths: fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 40)), { maxLength: 8 }),
    }),
  )
  .map((runs) =>
    runs.flatMap(({ source, start, lengths }) => {
      let from = start;
      return lengths.map((length): PlannedRange => ({ source, start: from, end: (from += length) }));
    }),
  );

describe("ranges", () => {
  test("are the same after packing and unpacking", () => {
    fc.assert(
      fc.property(ranges, (cut) => {
        expect(unpack(pack(cut))).toEqual(cut);
      }),
    );
  });

  test("that are runs of sources, beside others, are the same after packing and unpacking", () => {
    const run = fc.record({ sources: fc.integer({ min: 1, max: 1000 }), bytes: fc.nat(2 ** 40) });
    const runs = fc
      .record({ source: fc.nat(2 ** 30), runs: fc.array(run, { minLength: 1, maxLength: 5 }) })
      .map(({ source, runs: some }) => {
        let from = source;
        return some.map((one): PlannedRange => {
          const range = runFrom(from, one);
          from += one.sources;
          return range;
        });
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(ranges, runs)), (stretches) => {
        const cut = stretches.flat();
        expect(unpack(pack(cut))).toEqual(cut);
        const { set } = writeEntry(BATCH, { entry: 4, first: 9, ranges: cut });
        expect(parseEntry(4, set)).toEqual({ entry: 4, first: 9, ranges: cut });
        // A planner that knows no runs has to take the entry as damaged.
        expect("ranges" in set).toBe(cut.every((one) => one.run === undefined));
      }),
    );
  });

  test("that are neighbouring runs of sources take few characters", () => {
    const cut = Array.from({ length: 3 }, (_, n) => runFrom(10 + n * 20, { sources: 20, bytes: 1000 }));
    expect(pack(cut)).toBe("a~k:rs,k:rs,k:rs");
  });

  test("of equal length take hardly more room than one of them", () => {
    const equal = Array.from({ length: 100 }, (_, index) => ({
      source: 0,
      start: index * 36,
      end: index * 36 + 36,
    }));
    expect(pack(equal)).toBe("0:0:10*2s");
    expect(pack(equal.slice(0, 1))).toBe("0:0:10");
  });
});

describe("an entry is full", () => {
  const run = (count: number, crc?: number): PlannedRange[] =>
    Array.from({ length: count }, (_, at) => {
      const range = { source: 0, start: at * 10_000, end: (at + 1) * 10_000 };
      return crc === undefined ? range : { ...range, crc };
    });
  /** Ranges that take many characters each: of a source of their own. */
  const scattered = (count: number): PlannedRange[] =>
    Array.from({ length: count }, (_, at) => ({ source: 1e6 + at, start: 2 ** 50, end: 2 ** 50 + 2 ** 40 }));
  /** How many of these ranges go into an entry, as they are added one by one. */
  const most = (all: readonly PlannedRange[], spooled: boolean, wanted = 1_000): number => {
    const isFull = fullEntryCheck(spooled);
    return all.findIndex((_, at) => isFull(all.slice(0, at + 1), wanted)) + 1;
  };

  test("with the wanted number of ranges, and with a hundred", () => {
    expect(most(run(200), false, 7)).toBe(7);
    expect(most(run(200), false)).toBe(MAX_ENTRY_CHUNKS);
    expect(most(run(200), true)).toBe(MAX_ENTRY_CHUNKS);
  });

  test.for([
    [false, MAX_PACKED],
    [true, MAX_PACKED_SPOOLED],
  ] as const)("before its packed ranges take too much room (spooled: %j)", ([spooled, limit]) => {
    const ranges = scattered(100);
    const count = most(ranges, spooled);
    expect(pack(ranges.slice(0, count)).length).toBeLessThanOrEqual(limit);
    expect(pack(ranges.slice(0, count + 4)).length).toBeGreaterThan(limit);
  });

  test("earlier where its ranges have checksums, which take room too", () => {
    const ranges = run(200, 2 ** 32 - 1);
    const count = most(ranges, true);
    expect(count).toBeLessThan(MAX_ENTRY_CHUNKS);
    const { ranges: packed, crcs } = writeEntry(BATCH, {
      entry: 0,
      first: 0,
      ranges: ranges.slice(0, count),
    }).set;
    const characters = `${packed as string}${crcs as string}`.length;
    expect(characters).toBeLessThanOrEqual(MAX_PACKED_SPOOLED);
    expect(characters).toBeGreaterThan(MAX_PACKED_SPOOLED - 80);
  });
});

describe("a plan entry", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(ranges, fc.nat(), fc.nat(), (some, entry, first) => {
        const { record } = applyUpdate(null, writeEntry(BATCH, { entry, first, ranges: some }));
        expect(parseEntry(entry, record ?? {})).toEqual({ entry, first, ranges: some });
      }),
    );
  });

  test("keeps how many items the plan has, if they are counted", () => {
    const counted = { entry: 3, first: 7, ranges: [{ source: 0, start: 0, end: 9 }], items: 120 };
    expect(parseEntry(3, writeEntry(BATCH, counted).set)).toEqual(counted);
    const { items: _items, ...uncounted } = counted;
    expect(writeEntry(BATCH, uncounted).set).not.toHaveProperty("items");
  });

  test("keeps the checksums of its ranges, also if some have none", () => {
    const range = { source: 0, start: 0, end: 9 };
    const kept = (cut: PlannedRange[]): unknown => {
      const { set } = writeEntry(BATCH, { entry: 2, first: 28, ranges: cut });
      const { ranges: read } = parseEntry(2, set) as { readonly ranges: unknown };
      return read;
    };
    for (const cut of [
      [
        { ...range, crc: 0 },
        { source: 0, start: 9, end: 18, crc: 2 ** 32 - 1 },
      ],
      [
        { ...range, crc: 5 },
        { source: 0, start: 9, end: 18 },
      ],
      [range],
    ]) {
      expect(kept(cut)).toEqual(cut);
    }
  });

  test("is written once, and competes with END for its number", () => {
    const entry = writeEntry(BATCH, { entry: 7, first: 0, ranges: [] });
    const end = writeEnd(BATCH, 7, { end: 12, short: false, generation: 0 });
    expect(end.key).toBe(entry.key);
    const { record } = applyUpdate(null, end);
    expect(parseEntry(7, record ?? {})).toEqual({ end: 12, short: false, generation: 0 });
    expect(applyUpdate(record, entry)).toEqual({ applied: false, record });
  });

  test("that is damaged throws an error that names it", () => {
    expect(() => parseEntry(7, { first: 0 })).toThrow('plan entry 7 is damaged: {"first":0}');
    expect(() => parseEntry(7, { ranges: "" })).toThrow("damaged");
  });

  test("of 100 ranges, as readers of text cut them, fits into a write unit of 1 KB", () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 40),
        fc.array(fc.integer({ min: 2 ** 20, max: 2 ** 25 }), {
          minLength: MAX_ENTRY_CHUNKS,
          maxLength: MAX_ENTRY_CHUNKS,
        }),
        (start, lengths) => {
          let from = start;
          const cut = lengths.map((length) => ({ source: 12, start: from, end: (from += length) }));
          const update = writeEntry(BATCH, { entry: 99_999_999, first: 99_999_999, ranges: cut });
          expect(pack(cut).length).toBeLessThanOrEqual(MAX_PACKED);
          expect(sizeInDynamoDB(update.key, update.set)).toBeLessThanOrEqual(1024);
        },
      ),
    );
  });

  test("keeps its spool, with the text about damage", () => {
    const spool = { name: "segments/a-1:2", offset: 12, length: 2 ** 40, base: 2 ** 50 };
    const damage = damageText("is\nno gzip: grüße");
    for (const kept of [spool, { ...spool, damage }, { ...spool, damage, inDoubt: true as const }]) {
      const entry = { entry: 3, first: 9, ranges: [{ source: 1, start: 0, end: 5 }], spool: kept };
      const { record } = applyUpdate(null, writeEntry(BATCH, entry));
      expect(parseEntry(3, record ?? {})).toEqual(entry);
    }
    expect(damageText("is\nno gzip: grüße")).toBe("is no gzip: grüße");
  });

  test("keeps 450 bytes of the text about damage, and marks what was cut", () => {
    expect(damageText("x".repeat(450))).toBe("x".repeat(450));
    expect(damageText("x".repeat(451))).toBe(`${"x".repeat(450)}…`);
    // Three bytes for each "ü", as an upper bound.
    expect(damageText("ü".repeat(150))).toBe("ü".repeat(150));
    expect(damageText("ü".repeat(151))).toBe(`${"ü".repeat(150)}…`);
  });

  test("with a spool fits into 1 KB, with the most packed ranges and any text about damage", () => {
    const where = { name: "n".repeat(90), offset: 2 ** 52, length: 2 ** 52, base: 2 ** 52 };
    const sizeOf = (update: Update): number => sizeInDynamoDB(update.key, update.set);
    const full = writeEntry(BATCH, {
      entry: 99_999_999,
      first: 99_999_999,
      ranges: [],
      spool: where,
      items: 2 ** 52,
    });
    const packed = { ...full, set: { ...full.set, ranges: "z".repeat(MAX_PACKED_SPOOLED) } };
    expect(sizeOf(packed)).toBeLessThanOrEqual(1024);
    for (const message of ["x".repeat(5000), "ü".repeat(5000), "😀".repeat(5000), "\u0800".repeat(5000)]) {
      const range = { source: 99_999_999, start: 2 ** 52, end: 2 ** 52 + 9 };
      const spool = { ...where, damage: damageText(message) };
      const entry = { entry: 99_999_999, first: 99_999_999, ranges: [range], spool };
      expect(sizeOf(writeEntry(BATCH, entry))).toBeLessThanOrEqual(1024);
      expect(message.startsWith(damageText(message).slice(0, -1))).toBe(true);
      expect(damageText(message).length).toBeGreaterThan(80);
    }
  });

  test("with the most packed ranges fits into 1 KB", () => {
    const fields = { first: 99_999_999, ranges: "z".repeat(MAX_PACKED), items: Number.MAX_SAFE_INTEGER };
    expect(sizeInDynamoDB(planKey(BATCH, 99_999_999), fields)).toBeLessThanOrEqual(1024);
  });
});
