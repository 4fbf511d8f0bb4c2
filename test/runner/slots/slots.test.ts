import { expect, test } from "vitest";
import { IN_FLIGHT, newHeartbeat } from "../../../src/runner/poison/heartbeat.ts";
import { Slots } from "../../../src/runner/slots/slots.ts";

const MIB = 1024 * 1024;
const NEVER = new AbortController().signal;

function slotsOf(capacity: number) {
  const heartbeat = newHeartbeat();
  return { heartbeat, slots: new Slots(heartbeat, capacity) };
}

/** Whether a promise is settled, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await new Promise(setImmediate);
  return settled;
}

test("all leases of a thread share its slots", () => {
  const { slots, heartbeat } = slotsOf(3);
  const [one, other] = [slots.lease(), slots.lease()];
  one.take();
  other.take();
  expect([one.hasRoom, other.hasRoom]).toEqual([true, true]);
  one.take();
  expect([one.hasRoom, other.hasRoom, heartbeat[IN_FLIGHT]]).toEqual([false, false, 3]);
  other.free();
  expect([one.hasRoom, other.hasRoom, heartbeat[IN_FLIGHT]]).toEqual([true, true, 2]);
});

test("a chunk that took no slot leaves its lease to the next one", () => {
  const { slots } = slotsOf(1);
  const unused = slots.lease();
  unused.close();
  const next = slots.lease();
  expect(next).toBe(unused);
  expect(slots.lease()).not.toBe(next);
  next.take();
  next.close();
  expect(slots.lease()).not.toBe(next);
});

test("a lease with a limit of its own has room only below it", () => {
  const { slots } = slotsOf(3);
  const careful = slots.lease(1);
  expect(careful.hasRoom).toBe(true);
  careful.take();
  expect([careful.hasRoom, slots.lease().hasRoom]).toEqual([false, true]);
});

test("every chunk that wants to begin an item hears of a free slot, once", () => {
  const { slots } = slotsOf(1);
  const lease = slots.lease();
  lease.take();
  const woken: string[] = [];
  const gone = (): number => woken.push("gone");
  lease.await(() => woken.push("a"));
  lease.await(() => woken.push("b"));
  lease.await(gone);
  lease.giveUp(gone);
  lease.free();
  expect(woken).toEqual(["a", "b"]);
  lease.take();
  lease.free();
  expect(woken).toEqual(["a", "b"]);
});

test("an item that waits gives its slot away, and comes back before items that have not begun", async () => {
  const { slots, heartbeat } = slotsOf(1);
  const [waiting, other] = [slots.lease(), slots.lease()];
  const gate = Promise.withResolvers<string>();
  const woken: string[] = [];
  waiting.take();
  other.await(() => woken.push("other"));
  const away = waiting.away(gate.promise);
  expect(woken).toEqual(["other"]);
  other.take();
  expect([other.hasRoom, heartbeat[IN_FLIGHT]]).toEqual([false, 2]);
  gate.resolve("the time is up");
  expect(await isSettled(away)).toBe(false);
  other.await(() => woken.push("too late"));
  other.free();
  expect(await away).toBe("the time is up");
  expect([other.hasRoom, woken]).toEqual([false, ["other"]]);
  waiting.free();
  expect([other.hasRoom, woken, heartbeat[IN_FLIGHT]]).toEqual([true, ["other", "too late"], 0]);
});

test("a wait that rejects rejects with a slot, too", async () => {
  const { slots } = slotsOf(1);
  const lease = slots.lease();
  lease.take();
  await expect(lease.away(Promise.reject(new Error("no tokens")))).rejects.toThrow("no tokens");
  expect(lease.hasRoom).toBe(false);
});

test("a closed lease gives back what its items have: those in slots, those away, those that wait to return", async () => {
  const { slots, heartbeat } = slotsOf(2);
  const [closed, other] = [slots.lease(), slots.lease()];
  const [gate, back] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  for (let n = 0; n < 2; n++) closed.take();
  const away = closed.away(gate.promise);
  other.take();
  const returning = closed.away(back.promise);
  other.take();
  back.resolve();
  expect(await isSettled(returning)).toBe(false);
  closed.close();
  expect(await isSettled(returning)).toBe(true);
  expect([other.hasRoom, heartbeat[IN_FLIGHT]]).toEqual([false, 2]);
  other.free();
  other.free();
  // Too late: neither takes a slot, nor frees one.
  gate.resolve();
  await away;
  closed.free();
  expect(heartbeat[IN_FLIGHT]).toBe(0);
  other.take();
  expect(other.hasRoom).toBe(true);
  other.take();
  expect(other.hasRoom).toBe(false);
});

test("no item begins while too many bytes wait, unless nothing is awaited that could let them go", () => {
  const { slots } = slotsOf(4);
  const [one, other] = [slots.lease(), slots.lease()];
  const woken: string[] = [];
  one.take();
  one.hold(64 * MIB);
  expect([one.isFull, one.hasRoom, other.hasRoom]).toEqual([true, false, false]);
  other.await(() => woken.push("other"));
  one.hold(-1);
  expect([other.hasRoom, woken]).toEqual([true, ["other"]]);
  one.hold(1);
  one.free();
  expect([one.isFull, other.hasRoom]).toEqual([false, true]);
  other.take();
  expect(other.hasRoom).toBe(false);
  one.close();
  expect(other.hasRoom).toBe(true);
});

test("chunks open while there are slots and bytes for them; two may be open in any case", async () => {
  const { slots } = slotsOf(1);
  await slots.open(100 * MIB, NEVER);
  await slots.open(100 * MIB, NEVER);
  const third = slots.open(1, NEVER);
  expect(await isSettled(third)).toBe(false);
  slots.close(100 * MIB);
  expect(await isSettled(third)).toBe(true);
  slots.close(100 * MIB);
  slots.close(1);
  for (let n = 0; n < 17; n++) await slots.open(0, NEVER);
  const onceMore = slots.open(0, NEVER);
  expect(await isSettled(onceMore)).toBe(false);
  slots.close(0);
  expect(await isSettled(onceMore)).toBe(true);
});

test("a chunk that waits to open stops waiting when the work is interrupted", async () => {
  const { slots } = slotsOf(1);
  const controller = new AbortController();
  for (let n = 0; n < 17; n++) await slots.open(0, NEVER);
  const waiting = slots.open(0, controller.signal);
  expect(await isSettled(waiting)).toBe(false);
  controller.abort();
  expect(await isSettled(waiting)).toBe(true);
});
