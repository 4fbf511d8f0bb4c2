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
