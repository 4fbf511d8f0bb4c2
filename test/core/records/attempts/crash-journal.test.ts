import { expect, test } from "vitest";
import {
  countDeath,
  isSuspicious,
  journalKey,
  journalPrefix,
  needsChild,
  parseCrashJournal,
  quarantine,
} from "../../../../src/core/records/attempts/crash-journal.ts";
import type { Quarantined } from "../../../../src/core/records/attempts/crash-journal.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";

const CHUNK = { batch: "01A", generation: 1, chunk: 42 };

function crashed(index: number, message = "exit code 3"): Quarantined {
  return { index, code: "ITEM_CRASHED", error: { name: "CrashError", message }, attempts: 2 };
}

function after(...updates: readonly Update[]): Fields | null {
  return updates.reduce<Fields | null>((record, update) => applyUpdate(record, update).record, null);
}

test("a chunk without a record has no deaths and no quarantined items", () => {
  expect(parseCrashJournal(null)).toEqual({ deaths: 0, quarantined: [] });
});

test("each generation of a chunk has its own journal, under the prefix of its batch", () => {
  expect(journalKey(CHUNK)).not.toBe(journalKey({ ...CHUNK, generation: 0 }));
  expect(journalKey(CHUNK).startsWith(journalPrefix("01A"))).toBe(true);
});

test("quarantined items and deaths are read as they were written", () => {
  const late: Quarantined = { ...crashed(1000), code: "ITEM_TIMEOUT", attempts: 3 };
  const record = after(
    quarantine(CHUNK, crashed(0)),
    countDeath(CHUNK),
    quarantine(CHUNK, late),
    countDeath(CHUNK),
  );
  expect(parseCrashJournal(record)).toEqual({ deaths: 2, quarantined: [crashed(0), late] });
});

test("an item is quarantined once: a second update is refused, and changes nothing", () => {
  const record = after(quarantine(CHUNK, crashed(7)));
  const again = applyUpdate(record, quarantine(CHUNK, crashed(7, "something else")));
  expect(again).toEqual({ applied: false, record });
});

test("a chunk is suspicious after two deaths of processes, or with a quarantined item", () => {
  const suspicious = (...updates: readonly Update[]): boolean =>
    isSuspicious(parseCrashJournal(after(...updates)));
  expect(suspicious()).toBe(false);
  expect(suspicious(countDeath(CHUNK))).toBe(false);
  expect(suspicious(countDeath(CHUNK), countDeath(CHUNK))).toBe(true);
  expect(suspicious(quarantine(CHUNK, crashed(1)))).toBe(true);
});

test("a chunk needs a child process after two processes died of it", () => {
  const died = (...deaths: readonly Update[]): boolean => needsChild(parseCrashJournal(after(...deaths)));
  expect(died(quarantine(CHUNK, crashed(1)), countDeath(CHUNK))).toBe(false);
  expect(died(countDeath(CHUNK), countDeath(CHUNK))).toBe(true);
});
