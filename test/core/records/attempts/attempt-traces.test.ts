import { describe, expect, test } from "vitest";
import { countDeath, parseCrashJournal } from "../../../../src/core/records/attempts/crash-journal.ts";
import {
  blame,
  explainedAttempts,
  isOver,
  noteClosed,
  noteHurried,
  noteOpen,
  parseTraces,
} from "../../../../src/core/records/attempts/attempt-traces.ts";
import type { JournaledItem } from "../../../../src/core/records/attempts/attempt-traces.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";

const CHUNK = { batch: "01A", generation: 1, chunk: 42 };

function after(...updates: readonly Update[]): Fields | null {
  return updates.reduce<Fields | null>((record, update) => applyUpdate(record, update).record, null);
}

describe("the traces of careful attempts", () => {
  const OPEN: JournaledItem = { index: 36, until: 5000, attempt: 2, tag: "abc" };
  const REASON = { code: "ITEM_CRASHED", error: { name: "CrashError", message: "boom" } } as const;
  const blamed = (open: JournaledItem, record: Fields | null, certain = false): Fields | null =>
    applyUpdate(record, blame({ chunk: CHUNK, traces: parseTraces(record), open, reason: REASON, certain }))
      .record;

  test("are empty without a record", () => {
    expect(parseTraces(null)).toEqual({ open: null, deaths: new Map(), hurried: null, reported: null });
  });

  test("have the item that was opened last, until the same attempt closes it", () => {
    const next = { ...OPEN, index: 37 };
    const record = after(noteOpen(CHUNK, OPEN), noteOpen(CHUNK, next));
    expect(parseTraces(record).open).toEqual(next);
    expect(applyUpdate(record, noteClosed(CHUNK, { ...next, tag: "other" })).applied).toBe(false);
    expect(parseTraces(applyUpdate(record, noteClosed(CHUNK, next)).record).open).toBeNull();
  });

  test("do not count while the attempt may be alive: until its time is up, or a message with a higher attempt exists", () => {
    const sameMessage = { attempt: 1 };
    expect(isOver(OPEN, 5000, sameMessage)).toBe(false);
    expect(isOver(OPEN, 5001, sameMessage)).toBe(true);
    expect(isOver(OPEN, 0, { attempt: 2 })).toBe(false);
    expect(isOver(OPEN, 0, { attempt: 3 })).toBe(true);
  });

  test("quarantine an item at its second death; deaths of whole processes count separately", () => {
    const once = blamed(OPEN, after(countDeath(CHUNK), noteOpen(CHUNK, OPEN)));
    expect(parseCrashJournal(once)).toEqual({ deaths: 1, quarantined: [] });
    expect(parseTraces(once)).toEqual({
      open: null,
      deaths: new Map([[36, 1]]),
      hurried: null,
      reported: null,
    });
    const again = { ...OPEN, attempt: 3, tag: "def" };
    const twice = blamed(again, applyUpdate(once, noteOpen(CHUNK, again)).record);
    expect(parseCrashJournal(twice).quarantined).toEqual([{ ...REASON, index: 36, attempts: 3 }]);
    expect(explainedAttempts(parseTraces(twice))).toBe(2);
  });

  test("count a death once, however many attempts find it", () => {
    const record = after(noteOpen(CHUNK, OPEN));
    const traces = parseTraces(record);
    const first = applyUpdate(record, blame({ chunk: CHUNK, traces, open: OPEN, reason: REASON }));
    expect(
      applyUpdate(first.record, blame({ chunk: CHUNK, traces, open: OPEN, reason: REASON })).applied,
    ).toBe(false);
  });

  test("quarantine an item at its first death if no other cause is possible", () => {
    const record = blamed(OPEN, after(noteOpen(CHUNK, OPEN)), true);
    expect(parseCrashJournal(record).quarantined).toMatchObject([{ index: 36 }]);
  });

  test("count deaths of different items separately", () => {
    let record: Fields | null = null;
    for (const index of [1, 2, 3]) {
      const open = { ...OPEN, index, tag: `t${index}` };
      record = blamed(open, applyUpdate(record, noteOpen(CHUNK, open)).record);
    }
    expect(parseCrashJournal(record).quarantined).toEqual([]);
    expect(explainedAttempts(parseTraces(record))).toBe(3);
  });

  test("have the last attempt that ran out of time without an item to blame", () => {
    expect(parseTraces(after(noteHurried(CHUNK, 4))).hurried).toBe(4);
  });
});
