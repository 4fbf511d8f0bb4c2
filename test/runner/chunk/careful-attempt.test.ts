/** A careful attempt: what survives of its open item, and whom a late error is attributed to. */
import { expect, test } from "vitest";
import type { CrashJournal } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { CarefulAttempt } from "../../../src/runner/chunk/careful-attempt.ts";
import type { ItemGate } from "../../../src/runner/limits/item-gate.ts";
import type { ChunkContext } from "../../../src/runner/item/item-context.ts";
import {
  OF_ANOTHER_CHUNK,
  OPEN_CHUNK,
  OPEN_ITEM,
  OVERDUE_ITEM,
  newHeartbeat,
} from "../../../src/runner/poison/heartbeat.ts";
import type { ItemJournal, OpenItem } from "../../../src/runner/poison/open-item.ts";
import { chunkOfOne, schema } from "../item/attempt.ts";
import type { ItemSettings } from "../item/attempt.ts";

const MESSAGE: ChunkMessage = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  chunk: 4,
  attempt: 2,
  source: 0,
  start: 0,
  end: 9,
};
const NOTHING: CrashJournal = { deaths: 0, quarantined: [] };

const noted = async (): Promise<void> => undefined;

/** Attempts at the item in place 5 of its chunk. What happens is noted in order. */
function careful(settings: ItemSettings, { known = NOTHING, notes = noted } = {}) {
  const events: string[] = [];
  let open: OpenItem | null = null;
  const journal: ItemJournal = {
    note(item) {
      open = item;
      events.push(item ? `note ${item.index}` : "close");
      return item ? notes() : undefined;
    },
    suspend: () => void events.push("suspend"),
    within: (item, run) => (events.push(`within ${item.index}`), run()),
  };
  const heartbeat = newHeartbeat();
  const begin = (): CarefulAttempt =>
    new CarefulAttempt({ message: MESSAGE, label: "in.csv", known, heartbeat, journal });
  const process: ItemSettings["process"] = (item, context) => {
    events.push("process");
    return settings.process?.(item, context);
  };
  const { chunk, records } = chunkOfOne("value", { retries: 0, ...settings, process });
  const one = begin();
  return {
    events,
    heartbeat,
    begin,
    open: () => open,
    close: () => one.close(),
    attempt: (context: Partial<ChunkContext> = {}) => one.attempt({ ...chunk, ...context }, records, 0, 5),
  };
}

test("an item is on record before its code begins, and is visible until it is closed", async () => {
  const it = careful({ process: () => [it.heartbeat[OPEN_CHUNK], it.heartbeat[OPEN_ITEM]] });
  expect(await it.attempt()).toEqual({ ok: true, value: [4, 6] });
  expect(it.events).toEqual(["note 5", "within 5", "process"]);
  expect(it.open()).toMatchObject({ index: 5, over: false, place: "in.csv, chunk 4, item 5 of it" });
  const item = it.open();
  it.close();
  it.close();
  expect([item?.over, it.heartbeat[OPEN_ITEM]]).toEqual([true, 0]);
  expect(it.events.slice(3)).toEqual(["close"]);
});

test("an item that cannot be put on record does not begin", async () => {
  const notes = (): Promise<void> => Promise.reject(new Error("throttled"));
  const it = careful({}, { notes });
  await expect(it.attempt()).rejects.toThrow("throttled");
  expect(it.events).toEqual(["note 5"]);
});

test("a quarantined item fails as it was found, and does not run", () => {
  const error = { name: "CrashError", message: "it exited" };
  const quarantined = [{ index: 5, code: "ITEM_CRASHED", error, attempts: 3 }] as const;
  const it = careful({}, { known: { deaths: 0, quarantined } });
  expect(it.attempt()).toEqual({ ok: false, code: "ITEM_CRASHED", error, attempts: 3 });
  expect([it.events, it.open()]).toEqual([[], null]);
});

test("an error that comes from an item's code while it is awaited fails that item", async () => {
  const it = careful({ process: () => new Promise(() => undefined) });
  const outcome = it.attempt();
  await new Promise((resolve) => setImmediate(resolve));
  it.open()?.fail(new TypeError("thrown by a timer"));
  expect(await outcome).toMatchObject({
    code: "ITEM_FAILED",
    attempts: 1,
    error: { name: "TypeError", message: "thrown by a timer" },
  });
});

test("an item that timed out is remembered: its code may end the thread later, also in another chunk", async () => {
  const it = careful({ itemTimeoutMs: 1, process: () => new Promise(() => undefined) });
  expect(await it.attempt()).toMatchObject({ code: "ITEM_TIMEOUT" });
  it.close();
  expect(it.heartbeat[OVERDUE_ITEM]).toBe(6);
  it.begin();
  expect(it.heartbeat[OVERDUE_ITEM]).toBe(OF_ANOTHER_CHUNK);
  const other = careful({ process: () => Promise.reject(new Error("no")) });
  await other.attempt();
  other.begin();
  expect(other.heartbeat[OVERDUE_ITEM]).toBe(0);
});

/** Admits every call, and notes what happens. */
function gate(events: string[], admits = true): ItemGate {
  return {
    admit: async () => (events.push("admit"), admits),
    leave: () => void events.push("leave"),
    pause: () => undefined,
    returnsAt: 77,
  };
}

test("an item is to blame for nothing while it waits for its call", async () => {
  const it = careful({ process: () => "done" });
  expect(await it.attempt({ gate: gate(it.events) })).toEqual({ ok: true, value: "done" });
  // Without a schema, its code begins with its call.
  expect(it.events).toEqual(["within 5", "suspend", "admit", "note 5", "process", "leave"]);
  const checked = careful({ process: () => "done", item: schema((value) => ({ value })) });
  await checked.attempt({ gate: gate(checked.events) });
  expect(checked.events.slice(0, 4)).toEqual(["note 5", "within 5", "suspend", "admit"]);
});

test("an item whose call is refused is not on record, and says when it may come again", async () => {
  const it = careful({});
  expect(await it.attempt({ gate: gate(it.events, false) })).toMatchObject({ ok: null, at: 77 });
  expect(it.events).toEqual(["within 5", "suspend", "admit"]);
});

test("a call whose item cannot be put on record leaves its room", async () => {
  const it = careful({}, { notes: () => Promise.reject(new Error("throttled")) });
  await expect(it.attempt({ gate: gate(it.events) })).rejects.toThrow("throttled");
  expect(it.events).toEqual(["within 5", "suspend", "admit", "note 5", "leave"]);
});
