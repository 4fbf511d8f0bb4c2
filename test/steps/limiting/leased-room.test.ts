import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inFlightKey } from "../../../src/core/limits/in-flight.ts";
import type { Ledger } from "../../../src/ports.ts";
import { LeasedRoom } from "../../../src/steps/limiting/leased-room.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

const { signal } = new AbortController();
const never = (): boolean => false;
const always = (): boolean => true;

function stage(first: number, changed: Partial<Pick<Ledger, "update">> = {}) {
  let limit = first;
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
  const limitTo = (changedTo: number): void => void (limit = changedTo);
  return { ledger, room, broken, limitTo, move: (ms: number) => void (now += ms) };
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

test("room that is on its way when the invocation ends is given back, too, and nothing begins in it", async () => {
  const answers = Promise.withResolvers<void>();
  const ledger = memoryLedger();
  const { room } = stage(3, {
    async update(update) {
      const updated = await ledger.update(update);
      await answers.promise;
      return updated;
    },
  });
  const ending = room(2);
  const taking = ending.take(signal, never);
  const ended = ending.giveBack();
  answers.resolve();
  await ended;
  expect(await taking).toBe(false);
  expect(await ending.take(signal, never)).toBe(false);
  expect(ledger.records.get(inFlightKey("01B"))).toEqual({ taken: 0 });
});

test("a ledger that fails breaks the attempt off", async () => {
  const { room, broken } = stage(1, { update: () => Promise.reject(new Error("throttled")) });
  expect(await room(1).take(signal, always)).toBe(false);
  expect(broken).toEqual([new Error("throttled")]);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("under a lower limit an invocation ends its calls first, and takes its share of what there is", async () => {
  const { ledger, room, limitTo } = stage(6);
  const [one, other] = [room(3), room(3)];
  for (let n = 0; n < 3; n++) await Promise.all([one.take(signal, never), other.take(signal, never)]);
  limitTo(4);
  let began = 0;
  const next = one.take(signal, never).then(() => began++);
  one.limitChanged();
  one.free();
  one.free();
  await turn();
  expect(began).toBe(0);
  one.free();
  await next;
  expect(began).toBe(1);
  // Three calls of the other one still run.
  expect(ledger.records.get(inFlightKey("01B"))).toMatchObject({ taken: 4 });
});

test("under a higher limit an invocation takes more room, also for items that wait already", async () => {
  const { ledger, room, limitTo } = stage(1);
  const only = room(3);
  await only.take(signal, never);
  const waiting = [only.take(signal, never), only.take(signal, never), only.take(signal, never)];
  await turn();
  limitTo(5);
  only.limitChanged();
  expect(await Promise.all(waiting.slice(0, 2))).toEqual([true, true]);
  expect(ledger.records.get(inFlightKey("01B"))).toMatchObject({ taken: 3 });
  only.free();
  expect(await waiting[2]).toBe(true);
  await only.giveBack();
  expect(ledger.records.get(inFlightKey("01B"))).toEqual({ taken: 0 });
});

test("no call begins over a limit that goes up and down", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("take", "free", "limit"), fc.nat(2), fc.integer({ min: 1, max: 9 }))),
      async (steps) => {
        const { room, limitTo } = stage(5);
        const rooms = [room(4), room(2), room(3)];
        const running = [0, 0, 0];
        let limit = 5;
        let overLimit = false;
        const controller = new AbortController();
        for (const [step, which, to] of steps) {
          const at = rooms[which];
          if (step === "take") {
            void at?.take(controller.signal, always).then((began) => {
              if (!began) return;
              running[which] = (running[which] ?? 0) + 1;
              overLimit ||= running.reduce((sum, calls) => sum + calls, 0) > limit;
            });
          } else if (step === "free" && (running[which] ?? 0) > 0) {
            running[which] = (running[which] ?? 0) - 1;
            at?.free();
          } else if (step === "limit") {
            limit = to;
            limitTo(to);
            for (const each of rooms) each.limitChanged();
          }
          await turn();
        }
        controller.abort();
        expect(overLimit).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});
