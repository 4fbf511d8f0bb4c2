import { expect, test } from "vitest";
import { parseTraces } from "../../../src/core/records/attempts/attempt-traces.ts";
import { journalKey, parseCrashJournal } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { OpenItem } from "../../../src/runner/poison/open-item.ts";
import { TimeBudget } from "../../../src/runner/time-budget.ts";
import { LedgerJournal } from "../../../src/steps/poison/ledger-journal.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { manualClock } from "../../memory/clock.ts";

const MESSAGE: ChunkMessage = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  chunk: 3,
  attempt: 1,
  source: 0,
  start: 30,
  end: 40,
};

const item = (index: number): OpenItem => ({
  message: MESSAGE,
  index,
  place: "",
  over: false,
  fail: () => {
    throw new Error("the item is not to blame");
  },
});

async function begun(update?: () => Promise<never>) {
  const ledger = memoryLedger();
  const clock = manualClock();
  const timeBudget = new TimeBudget(clock);
  timeBudget.begin(clock.now() + 60_000);
  const journal = new LedgerJournal(update ? { ...ledger, update } : ledger, clock, timeBudget);
  await journal.begin(MESSAGE, 2, "tag", parseTraces(null));
  return { journal, timeBudget, clock, record: () => ledger.records.get(journalKey(MESSAGE)) };
}

test("an item is on record before it begins, and until when its invocation may last", async () => {
  const { journal, timeBudget, record } = await begun();
  await journal.note(item(7));
  expect(timeBudget.isBroken).toBe(false);
  const text = JSON.stringify(record());
  expect(text).toContain("7");
  expect(text).toContain(String(timeBudget.overAt));
});

test("an item that waits is not on record, and the lack of time is not its fault", async () => {
  const { journal, timeBudget, clock, record } = await begun();
  await journal.note(item(7));
  await journal.suspend();
  expect(record()).toEqual({});
  await timeBudget.during(
    async () => true,
    async () => {
      clock.advance(59_000);
      expect(timeBudget.interrupted()).toBe(true);
    },
  );
  await journal.note(null);
  await journal.end();
  // The chunk runs once more alone, at full speed.
  expect(record()).toEqual({ hurried: 2 });
});

test("where the item cannot be put on record, the attempt is broken off, and no item is blamed", async () => {
  const { journal, timeBudget } = await begun(() => Promise.reject(new Error("throttled")));
  await expect(Promise.resolve(journal.note(item(7)))).rejects.toThrow("throttled");
  expect(timeBudget.isBroken).toBe(true);
  expect(timeBudget.signal().aborted).toBe(true);
  expect(timeBudget.cutting.mayCut()).toBe(false);
});

/** An invocation of 60 s, of which 51 are for items, in which an item was open for so long. */
async function openFor(ms: number, until: "interrupted" | "unwanted" = "interrupted") {
  const it = await begun();
  await it.timeBudget.during(
    async () => true,
    async () => {
      it.clock.advance(it.timeBudget.lengthMs - ms);
      await it.journal.note(item(7));
      if (until === "unwanted") it.timeBudget.breakOff(new Error("cancelled"));
      it.clock.advance(ms);
      expect(it.timeBudget.interrupted()).toBe(true);
      void it.journal.note(null);
    },
  );
  await it.journal.end();
  const fields = it.record() ?? {};
  const { quarantined } = parseCrashJournal(fields);
  const { deaths, open, hurried } = parseTraces(fields);
  return { deaths: [...deaths], open, hurried, quarantined: quarantined.map(({ code }) => code) };
}

test("an item that was open for half of the time is quarantined; one for a quarter of it has died once", async () => {
  const nothing = { deaths: [], open: null, hurried: 2, quarantined: [] };
  const died = { ...nothing, hurried: null, deaths: [[7, 1]] };
  expect(await openFor(25_499)).toEqual(died);
  expect(await openFor(25_500)).toEqual({ ...died, quarantined: ["ITEM_TIMEOUT"] });
  expect(await openFor(12_750)).toEqual(died);
  expect(await openFor(12_749)).toEqual(nothing);
});

test("an item that was open when its attempt was broken off is not to blame, however long it was", async () => {
  expect(await openFor(50_000, "unwanted")).toMatchObject({ deaths: [], open: null, quarantined: [] });
});
