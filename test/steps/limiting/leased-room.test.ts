import { expect, test } from "vitest";
import { inFlightKey } from "../../../src/core/limits/in-flight.ts";
import type { Ledger } from "../../../src/ports.ts";
import { LeasedRoom } from "../../../src/steps/limiting/leased-room.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

const { signal } = new AbortController();
const never = (): boolean => false;
const always = (): boolean => true;

function stage(limit: number, changed: Partial<Pick<Ledger, "update">> = {}) {
  const ledger = memoryLedger();
  const broken: unknown[] = [];
  let now = 1000;
  let tags = 0;
  const room = (wanted: number): LeasedRoom =>
    new LeasedRoom({
      ports: { ledger: { ...ledger, ...changed }, clock: { now: () => now } },
      batch: "01B",
      limit: () => limit,
      wanted,
      newTag: () => `t${tags++}`,
      until: () => now + 60_000,
      sleep: async (ms) => void (now += ms),
      breakOff: (error) => broken.push(error),
    });
  return { ledger, room, broken, move: (ms: number) => void (now += ms) };
}

test("invocations share the room of a batch, and the last gets what is left", async () => {
  const { ledger, room } = stage(5);
  const [first, second, third] = [room(3), room(3), room(3)];
  expect(await first.take(signal, never)).toBe(true);
  expect(await second.take(signal, never)).toBe(true);
  expect(ledger.records.get(inFlightKey("01B"))).toMatchObject({ taken: 5 });
  expect(await third.take(signal, always)).toBe(false);
  await second.giveBack();
  expect(await third.take(signal, always)).toBe(true);
  expect(ledger.records.get(inFlightKey("01B"))).toMatchObject({ taken: 5 });
});

test("items of an invocation wait for one another, and are interrupted", async () => {
  const { room } = stage(1);
  const only = room(4);
  await only.take(signal, never);
  const controller = new AbortController();
  const interrupted = only.take(controller.signal, never);
  const next = only.take(signal, never);
  controller.abort();
  expect(await interrupted).toBe(false);
  only.free();
  expect(await next).toBe(true);
});

test("the room of an invocation that died is free once it must have ended", async () => {
  const { ledger, room, move } = stage(2);
  await room(2).take(signal, never);
  expect(await room(2).take(signal, always)).toBe(false);
  move(66_000);
  expect(await room(2).take(signal, always)).toBe(true);
  const fields = ledger.records.get(inFlightKey("01B")) ?? {};
  expect(Object.keys(fields).filter((name) => name.startsWith("l"))).toHaveLength(1);
});

test("an invocation that is patient gets room as soon as there is some", async () => {
  const { room } = stage(1);
  await room(1).take(signal, never);
  // Each look moves the clock, up to the end of the invocation that holds the room.
  expect(await room(1).take(signal, never)).toBe(true);
});

test("a ledger that fails breaks the attempt off", async () => {
  const { room, broken } = stage(1, { update: () => Promise.reject(new Error("throttled")) });
  expect(await room(1).take(signal, always)).toBe(false);
  expect(broken).toEqual([new Error("throttled")]);
});
