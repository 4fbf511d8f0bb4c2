import { describe, expect, test } from "vitest";
import {
  blame,
  quarantine,
  countDeath,
  explainedAttempts,
  isOver,
  journalKey,
  journalPrefix,
  needsChild,
  noteClosed,
  noteHurried,
  noteOpen,
  parseCrashJournal,
  parseTraces,
} from "../../../src/core/records/crash-journal.ts";
import type { Quarantined, JournaledItem } from "../../../src/core/records/crash-journal.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../src/core/records/record.ts";

const CHUNK = { batch: "01A", generation: 1, chunk: 42 };

function crashed(index: number, message = "exit code 3"): Quarantined {
  return { index, code: "ITEM_CRASHED", error: { name: "CrashError", message }, attempts: 2 };
}

function after(...updates: readonly Update[]): Fields | null {
  return updates.reduce<Fields | null>((record, update) => applyUpdate(record, update).record, null);
}

test("a chunk that never died has no record, and nothing is known against it", () => {
  expect(parseCrashJournal(null)).toEqual({ deaths: 0, quarantined: [] });
});

test("each generation of a chunk has a journal of its own, found among those of its batch", () => {
  expect(journalKey(CHUNK)).not.toBe(journalKey({ ...CHUNK, generation: 0 }));
  expect(journalKey(CHUNK).startsWith(journalPrefix("01A"))).toBe(true);
});

test("quarantined items are read back as they were written, with the deaths beside them", () => {
  const late: Quarantined = { ...crashed(1000), code: "ITEM_TIMEOUT", attempts: 3 };
  const record = after(
    quarantine(CHUNK, crashed(0)),
    countDeath(CHUNK),
    quarantine(CHUNK, late),
    countDeath(CHUNK),
  );
  expect(parseCrashJournal(record)).toEqual({ deaths: 2, quarantined: [crashed(0), late] });
});

test("an item is quarantined once: a second time is refused, and changes nothing", () => {
  const record = after(quarantine(CHUNK, crashed(7)));
  const again = applyUpdate(record, quarantine(CHUNK, crashed(7, "something else")));
  expect(again).toEqual({ applied: false, record });
});

test("a chunk is run in a child once two processes died under it", () => {
  const died = (...deaths: readonly Update[]): boolean => needsChild(parseCrashJournal(after(...deaths)));
  expect(died(quarantine(CHUNK, crashed(1)), countDeath(CHUNK))).toBe(false);
  expect(died(countDeath(CHUNK), countDeath(CHUNK))).toBe(true);
});

describe("what careful attempts leave behind", () => {
  const OPEN: JournaledItem = { index: 36, until: 5000, attempt: 2, tag: "abc" };
  const REASON = { code: "ITEM_CRASHED", error: { name: "CrashError", message: "boom" } } as const;
  const blamed = (open: JournaledItem, record: Fields | null, certain = false): Fields | null =>
    applyUpdate(record, blame({ chunk: CHUNK, traces: parseTraces(record), open, reason: REASON, certain }))
      .record;

  test("is nothing where there is no record", () => {
    expect(parseTraces(null)).toEqual({ open: null, deaths: new Map(), hurried: null });
  });

  test("is the item that was opened last, until the attempt that opened it has closed it", () => {
    const next = { ...OPEN, index: 37 };
    const record = after(noteOpen(CHUNK, OPEN), noteOpen(CHUNK, next));
    expect(parseTraces(record).open).toEqual(next);
    expect(applyUpdate(record, noteClosed(CHUNK, { ...next, tag: "other" })).applied).toBe(false);
    expect(parseTraces(applyUpdate(record, noteClosed(CHUNK, next)).record).open).toBeNull();
  });

  test("is no evidence while the attempt may be alive: until its time is up, or its message was sent again because it had failed", () => {
    const sameMessage = { attempt: 1 };
    expect(isOver(OPEN, 5000, sameMessage)).toBe(false);
    expect(isOver(OPEN, 5001, sameMessage)).toBe(true);
    expect(isOver(OPEN, 0, { attempt: 2 })).toBe(false);
    expect(isOver(OPEN, 0, { attempt: 3 })).toBe(true);
  });

  test("quarantines an item at its second death, and is told apart from deaths of whole processes", () => {
    const once = blamed(OPEN, after(countDeath(CHUNK), noteOpen(CHUNK, OPEN)));
    expect(parseCrashJournal(once)).toEqual({ deaths: 1, quarantined: [] });
    expect(parseTraces(once)).toEqual({ open: null, deaths: new Map([[36, 1]]), hurried: null });
    const again = { ...OPEN, attempt: 3, tag: "def" };
    const twice = blamed(again, applyUpdate(once, noteOpen(CHUNK, again)).record);
    expect(parseCrashJournal(twice).quarantined).toEqual([{ ...REASON, index: 36, attempts: 3 }]);
    expect(explainedAttempts(parseTraces(twice))).toBe(2);
  });

  test("counts a death once, however many find it", () => {
    const record = after(noteOpen(CHUNK, OPEN));
    const traces = parseTraces(record);
    const first = applyUpdate(record, blame({ chunk: CHUNK, traces, open: OPEN, reason: REASON }));
    expect(
      applyUpdate(first.record, blame({ chunk: CHUNK, traces, open: OPEN, reason: REASON })).applied,
    ).toBe(false);
  });

  test("quarantines an item at once where there is no doubt", () => {
    const record = blamed(OPEN, after(noteOpen(CHUNK, OPEN)), true);
    expect(parseCrashJournal(record).quarantined).toMatchObject([{ index: 36 }]);
  });

  test("deaths of different items do not add up against one of them", () => {
    let record: Fields | null = null;
    for (const index of [1, 2, 3]) {
      const open = { ...OPEN, index, tag: `t${index}` };
      record = blamed(open, applyUpdate(record, noteOpen(CHUNK, open)).record);
    }
    expect(parseCrashJournal(record).quarantined).toEqual([]);
    expect(explainedAttempts(parseTraces(record))).toBe(3);
  });

  test("says when an attempt ran out of time with nobody to blame", () => {
    expect(parseTraces(after(noteHurried(CHUNK, 4))).hurried).toBe(4);
  });
});
