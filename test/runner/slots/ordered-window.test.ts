/** Items of a chunk that are in flight, and the place where a chunk is cut. */
import { expect, test } from "vitest";
import type { Records } from "../../../src/input/reader.ts";
import type { Outcome } from "../../../src/runner/item/item-outcome.ts";
import { newHeartbeat } from "../../../src/runner/poison/heartbeat.ts";
import { OrderedWindow } from "../../../src/runner/slots/ordered-window.ts";
import { Slots } from "../../../src/runner/slots/slots.ts";

const RECORDS: Records = {
  values: ["a", "b", "c"],
  unreadable: null,
  lines: 3,
  locate: (index) => ({ offset: index, line: index, raw: "", key: index }),
};

function windowOf(concurrency: number) {
  const controller = new AbortController();
  const accepted: [number, boolean][] = [];
  const lease = new Slots(newHeartbeat(), concurrency).lease();
  const window = new OrderedWindow(lease, controller.signal, ({ ok }, _, index) =>
    accepted.push([index, ok]),
  );
  const items = RECORDS.values.map(() => Promise.withResolvers<Outcome>());
  for (const [index, { promise }] of items.entries())
    window.await(promise, { records: RECORDS, index, before: 0, outcome: null, bytes: 0 });
  return { window, controller, accepted, items };
}

test("the first item that was not accepted is behind those that were", async () => {
  const { window, accepted, items } = windowOf(4);
  items[0]?.resolve({ ok: true, value: 1 });
  items[2]?.resolve({ ok: true, value: 3 });
  await Promise.resolve();
  await window.room();
  expect(accepted).toEqual([[0, true]]);
  expect(window.rest()[0]?.index).toBe(1);
  window.close();
});

test("an item that fails because it was told to stop is not accepted", async () => {
  const { window, controller, accepted, items } = windowOf(4);
  const error = { name: "AbortError", message: "stop" };
  controller.signal.addEventListener("abort", () => {
    items[0]?.resolve({ ok: false, code: "ITEM_FAILED", error, attempts: 1 });
  });
  const drained = window.drain(
    () => controller.signal.aborted,
    () => undefined,
  );
  controller.abort();
  await drained;
  await window.room();
  expect(accepted).toEqual([]);
  expect(window.rest()[0]?.index).toBe(0);
  window.close();
});

const MIB = 1024 * 1024;
const LARGE: Outcome = { ok: true, value: "x".repeat(20 * MIB) };
const LATER: Outcome = { ok: null, at: 5, waitedMs: 5 };

test("a chunk is stuck while much waits for an item that runs elsewhere, and for no other", async () => {
  const { window, items } = windowOf(4);
  items[1]?.resolve(LARGE);
  await Promise.resolve();
  // The first item may still end here.
  expect(window.isStuck).toBe(false);
  items[0]?.resolve(LATER);
  await Promise.resolve();
  expect(window.isStuck).toBe(true);
  window.close();
  const other = windowOf(4);
  other.items[0]?.resolve(LATER);
  other.items[1]?.resolve({ ok: true, value: "x" });
  await Promise.resolve();
  expect(other.window.isStuck).toBe(false);
  other.window.close();
});

test("an outcome that has left takes no room any more", async () => {
  const { window, accepted, items } = windowOf(4);
  items[1]?.resolve(LARGE);
  await Promise.resolve();
  items[0]?.resolve({ ok: true, value: 1 });
  await Promise.resolve();
  await window.room();
  expect(accepted).toEqual([
    [0, true],
    [1, true],
  ]);
  items[2]?.resolve(LATER);
  await Promise.resolve();
  expect(window.isStuck).toBe(false);
  expect(window.rest().map(({ index }) => index)).toEqual([2]);
  window.close();
});

test("a chunk that has not begun waits for a slot that another chunk has", async () => {
  const slots = new Slots(newHeartbeat(), 1);
  const other = slots.lease();
  const since = other.take();
  const window = new OrderedWindow(slots.lease(), new AbortController().signal, () => undefined);
  let isThere = false;
  const room = window.room().then(() => (isThere = true));
  await Promise.resolve();
  expect(isThere).toBe(false);
  other.free(since);
  await room;
  window.close();
});
