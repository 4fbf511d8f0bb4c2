import * as fc from "fast-check";
import { expect, test } from "vitest";
import { giveRoomBack, lapsedLeases, roomIn, takeRoom } from "../../../src/core/limits/in-flight.ts";
import type { RoomLease } from "../../../src/core/limits/in-flight.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../src/core/records/record.ts";

const LIMIT = 5;
/** An invocation ends within this. */
const LENGTH_MS = 60_000;

type Step =
  | { readonly do: "take"; readonly calls: number; readonly sawRecord: boolean; readonly twice: boolean }
  | { readonly do: "give back" | "die"; readonly which: number; readonly twice: boolean }
  | { readonly do: "collect"; readonly twice: boolean }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("take" as const),
    calls: fc.integer({ min: 1, max: LIMIT }),
    sawRecord: fc.boolean(),
    twice: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom("give back" as const, "die" as const),
    which: fc.nat(9),
    twice: fc.boolean(),
  }),
  fc.record({ do: fc.constant("collect" as const), twice: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 2 * LENGTH_MS }) }),
);

test("no more calls are in flight than the limit, with crashes, repeated updates and old records", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let record: Fields | null = null;
      let old: Fields | null = null;
      let now = 0;
      let tags = 0;
      let countedTwice = false;
      let lostRoom = false;
      const apply = (update: Update, twice: boolean): boolean => {
        const first = applyUpdate(record, update);
        if (first.applied) ({ record } = first);
        const second = twice ? applyUpdate(record, update) : null;
        if (second?.applied === true) countedTwice ||= first.applied;
        return first.applied;
      };
      /** Invocations that still run. A dead one has no calls in flight, and gives nothing back. */
      let running: RoomLease[] = [];
      for (const next of steps) {
        if (next.do === "wait") now += next.ms;
        running = running.filter(({ until }) => until > now);
        if (next.do === "take") {
          const lease = { tag: `t${tags++}`, calls: next.calls, until: now + LENGTH_MS };
          const seen = next.sawRecord ? record : old;
          if (apply(takeRoom("b", LIMIT, lease, seen), next.twice)) running.push(lease);
          old = record;
        } else if (next.do === "give back" || next.do === "die") {
          const [lease] = running.splice(next.which % Math.max(1, running.length), 1);
          if (lease && next.do === "give back") lostRoom ||= !apply(giveRoomBack("b", lease), next.twice);
        } else if (next.do === "collect") {
          for (const lapsed of lapsedLeases(record, now)) apply(giveRoomBack("b", lapsed), next.twice);
        }
        const inFlight = running.reduce((sum, { calls }) => sum + calls, 0);
        expect(inFlight).toBeLessThanOrEqual(LIMIT);
      }
      expect({ countedTwice, lostRoom }).toEqual({ countedTwice: false, lostRoom: false });
      // In the end all room comes back.
      now += 10 * LENGTH_MS;
      for (const lapsed of lapsedLeases(record, now)) apply(giveRoomBack("b", lapsed), false);
      expect(roomIn(record, LIMIT)).toBe(LIMIT);
    }),
    { numRuns: 1000 },
  );
});
