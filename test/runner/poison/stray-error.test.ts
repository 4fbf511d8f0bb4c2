/** Whose fault an error is that no code caught. */
import { expect, test } from "vitest";
import { IN_FLIGHT, newHeartbeat, OPEN_ITEM } from "../../../src/runner/poison/heartbeat.ts";
import type { OpenItem } from "../../../src/runner/poison/open-item.ts";
import { judgeStrayError } from "../../../src/runner/poison/stray-error.ts";

const THROWN = new TypeError("late");

function judged(item: Pick<OpenItem, "over"> | null, { inFlight = 0, open = 0 } = {}) {
  const heartbeat = newHeartbeat();
  heartbeat[IN_FLIGHT] = inFlight;
  heartbeat[OPEN_ITEM] = open;
  const seen = { failed: [] as unknown[], brokenOff: [] as string[], warned: [] as string[] };
  const ignore = (): void => undefined;
  const openItem =
    item &&
    ({
      ...item,
      place: "in.csv, line 3",
      fail: (thrown: unknown) => void seen.failed.push(thrown),
    } as OpenItem);
  judgeStrayError(
    { item: openItem, thrown: THROWN, what: "a rejection that nobody handled" },
    {
      heartbeat,
      log: { debug: ignore, info: ignore, error: ignore, warn: (message) => void seen.warned.push(message) },
      breakOff: (error) => void seen.brokenOff.push(error.message),
    },
  );
  return seen;
}

const TEXT = `a rejection that nobody handled: TypeError: late, at test/runner/poison/stray-error.test.ts:7:16`;

test("an error of an item that is open fails the item", () => {
  expect(judged({ over: false })).toEqual({ failed: [THROWN], brokenOff: [], warned: [] });
});

test("an error of an item that has ended is logged with the item's place", () => {
  expect(judged({ over: true }, { inFlight: 1 })).toEqual({
    failed: [],
    brokenOff: [],
    warned: [`in.csv, line 3 had ended when it left ${TEXT}`],
  });
});

test("an error of unknown origin breaks off an attempt whose items are awaited", () => {
  expect(judged(null, { inFlight: 2 })).toEqual({
    failed: [],
    brokenOff: [`an item left ${TEXT}`],
    warned: [],
  });
});

test("an error of unknown origin is only logged while no item is awaited, or in a careful attempt", () => {
  const logged = { failed: [], brokenOff: [], warned: [`an item that had ended left ${TEXT}`] };
  expect(judged(null)).toEqual(logged);
  expect(judged(null, { inFlight: 1, open: 4 })).toEqual(logged);
});
