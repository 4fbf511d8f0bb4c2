import { expect, test } from "vitest";
import {
  condemn,
  countDeath,
  journalKey,
  journalPrefix,
  needsChild,
  parseJournal,
} from "../../src/core/journal.ts";
import type { Condemned } from "../../src/core/journal.ts";
import { applyUpdate } from "../../src/core/record.ts";
import type { Fields, Update } from "../../src/core/record.ts";

const CHUNK = { batch: "01A", generation: 1, chunk: 42 };

function crashed(index: number, message = "exit code 3"): Condemned {
  return { index, code: "ITEM_CRASHED", error: { name: "CrashError", message }, attempts: 2 };
}

function after(...updates: readonly Update[]): Fields | null {
  return updates.reduce<Fields | null>((record, update) => applyUpdate(record, update).record, null);
}

test("a chunk that never died has no record, and nothing is known against it", () => {
  expect(parseJournal(null)).toEqual({ deaths: 0, condemned: [] });
});

test("each generation of a chunk has a journal of its own, found among those of its batch", () => {
  expect(journalKey(CHUNK)).not.toBe(journalKey({ ...CHUNK, generation: 0 }));
  expect(journalKey(CHUNK).startsWith(journalPrefix("01A"))).toBe(true);
});

test("condemned items are read back as they were written, with the deaths beside them", () => {
  const late: Condemned = { ...crashed(1000), code: "ITEM_TIMEOUT", attempts: 3 };
  const record = after(
    condemn(CHUNK, crashed(0)),
    countDeath(CHUNK),
    condemn(CHUNK, late),
    countDeath(CHUNK),
  );
  expect(parseJournal(record)).toEqual({ deaths: 2, condemned: [crashed(0), late] });
});

test("an item is condemned once: a second time is refused, and changes nothing", () => {
  const record = after(condemn(CHUNK, crashed(7)));
  const again = applyUpdate(record, condemn(CHUNK, crashed(7, "something else")));
  expect(again).toEqual({ applied: false, record });
});

test("a chunk is run in a child once two processes died under it", () => {
  const died = (...deaths: readonly Update[]): boolean => needsChild(parseJournal(after(...deaths)));
  expect(died(condemn(CHUNK, crashed(1)), countDeath(CHUNK))).toBe(false);
  expect(died(countDeath(CHUNK), countDeath(CHUNK))).toBe(true);
});
