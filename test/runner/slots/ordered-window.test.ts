import { expect, test } from "vitest";
import { newHeartbeat } from "../../../src/runner/poison/heartbeat.ts";
import { OrderedWindow } from "../../../src/runner/slots/ordered-window.ts";
import type { PendingItem } from "../../../src/runner/slots/ordered-window.ts";
import { Slots } from "../../../src/runner/slots/slots.ts";
import type { Outcome } from "../../../src/runner/item/item-outcome.ts";
import type { Records } from "../../../src/input/reader.ts";

const RECORDS: Records = {
  values: [0, 1, 2],
  lines: null,
  unreadable: null,
  locate: (key) => ({ key, offset: null, line: null, raw: "" }),
};

test("the rest begins at the first item whose outcome was not accepted, also before others are removed", async () => {
  const accepted: number[] = [];
  const slots = new Slots(newHeartbeat(), 4);
  const { signal } = new AbortController();
  const window = new OrderedWindow(slots.lease(), signal, (_, __, index) => accepted.push(index));
  const item = (index: number): PendingItem => {
    return { records: RECORDS, index, before: 0, outcome: null, bytes: 0 };
  };
  const open = Promise.withResolvers<Outcome>();
  window.await(Promise.resolve({ ok: true, value: 0 }), item(0));
  window.await(open.promise, item(1));
  window.add({ ...item(2), outcome: { ok: true, value: 2 } });
  await new Promise((resolve) => setImmediate(resolve));
  await window.room();
  expect(accepted).toEqual([0]);
  expect(window.rest().map(({ index }) => index)).toEqual([1, 2]);
  open.resolve({ ok: true, value: 1 });
  await window.drain(
    () => false,
    () => undefined,
  );
  expect(accepted).toEqual([0, 1, 2]);
  expect(window.rest()).toEqual([]);
});
