import { expect, test } from "vitest";
import { activityOf, crashOf, timeoutOf } from "../../../../src/local/threads/watching/post-mortem.ts";
import {
  INSIDE,
  newHeartbeat,
  OF_ANOTHER_CHUNK,
  OPEN_CHUNK,
  OPEN_ITEM,
  OVERDUE_ITEM,
} from "../../../../src/runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../../../src/runner/poison/heartbeat.ts";

/** Chunk 5; `open` and `overdue` count from 1, as they are written. */
function heartbeat({ open = 0, overdue = 0 }): Heartbeat {
  const numbers = newHeartbeat();
  numbers[OPEN_CHUNK] = 5;
  numbers[OPEN_ITEM] = open;
  numbers[OVERDUE_ITEM] = overdue;
  return numbers;
}

test("the open item is to blame for the death of its thread, and it is said how", () => {
  expect(crashOf(heartbeat({ open: 3 }), null, 7)).toEqual({
    reason: "exit code 7",
    death: {
      chunk: 5,
      index: 2,
      code: "ITEM_CRASHED",
      error: {
        name: "CrashError",
        message: "the item ended the thread that ran it: exit code 7: does it call process.exit?",
      },
    },
  });
  expect(crashOf(heartbeat({ open: 1 }), "out of memory", 1).death?.error.message).toMatch(
    /: out of memory$/,
  );
  expect(timeoutOf(heartbeat({ open: 1 }), 900).death).toMatchObject({ index: 0, code: "ITEM_TIMEOUT" });
});

test("no item is to blame if none was open", () => {
  expect(crashOf(heartbeat({}), null, 7).death).toBe(null);
  expect(timeoutOf(heartbeat({}), 900).death).toBe(null);
});

test("an item that ran out of time before is taken for the culprit, not the open one", () => {
  expect(crashOf(heartbeat({ open: 3, overdue: 2 }), null, 7).death).toMatchObject({
    index: 1,
    code: "ITEM_TIMEOUT",
  });
  expect(crashOf(heartbeat({ overdue: 2 }), null, 7).death).toMatchObject({ index: 1, code: "ITEM_TIMEOUT" });
});

test("no item is to blame if an overdue item of another chunk may have done it", () => {
  expect(crashOf(heartbeat({ open: 3, overdue: OF_ANOTHER_CHUNK }), null, 7).death).toBe(null);
});

test.for([
  [0, false],
  [1, true],
  [2, true],
] as const)("with %i open chunks, code of items may be running: %s", ([chunks, inside]) => {
  const numbers = newHeartbeat();
  numbers[INSIDE] = chunks;
  expect(activityOf(numbers, 1).inside).toBe(inside);
});
