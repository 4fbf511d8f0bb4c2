import { expect, test } from "vitest";
import { openBatch, stateOf } from "../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../src/core/records/batch/redriving.ts";
import { addIdleTime, deadlineOf } from "../../../../src/core/records/batch/bounds/deadline.ts";
import {
  isPaused,
  isToRelaunch,
  launchOf,
  pauseBatch,
  relaunched,
  resumeBatch,
} from "../../../../src/core/records/batch/pausing.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";

const open: Fields = applyUpdate(null, openBatch("01A", { deadlineAt: 1_000 })).record ?? {};

function after(fields: Fields, ...updates: readonly Update[]): Fields {
  return updates.reduce<Fields>((record, update) => {
    const { applied, record: next } = applyUpdate(record, update);
    expect(applied).toBe(true);
    return next ?? {};
  }, fields);
}

test("a paused batch says so, and its resume is one more launch that moves the deadline", () => {
  const paused = after(open, pauseBatch("01A", 300));
  expect([isPaused(paused), stateOf(paused), stateOf(paused, false)]).toEqual([true, "paused", "paused"]);
  const resumed = after(paused, resumeBatch("01A", paused, 800));
  expect([isPaused(resumed), launchOf(resumed), isToRelaunch(resumed)]).toEqual([false, 1, true]);
  expect(deadlineOf(resumed)).toBe(1_500);
  const done = after(resumed, relaunched("01A", 0, 1));
  expect([isToRelaunch(done), launchOf(done)]).toEqual([false, 1]);
});

test("a pause that was never makes no launch", () => {
  expect([launchOf(open), isToRelaunch(open), isPaused(open)]).toEqual([0, false, false]);
});

test("only a batch that goes on can be paused, once, and only that pause be resumed", () => {
  const paused = after(open, pauseBatch("01A", 300));
  const refused = [
    applyUpdate(paused, pauseBatch("01A", 400)),
    applyUpdate({ ...open, ending: "cancel" }, pauseBatch("01A", 400)),
    applyUpdate({ ...open, endedAt: 1 }, pauseBatch("01A", 400)),
    applyUpdate(null, pauseBatch("01A", 400)),
    applyUpdate(open, resumeBatch("01A", open, 500)),
    applyUpdate({ ...paused, paused: 400 }, resumeBatch("01A", paused, 500)),
    applyUpdate({ ...paused, ending: "cancel" }, resumeBatch("01A", paused, 500)),
    applyUpdate({ ...paused, endedAt: 1 }, resumeBatch("01A", paused, 500)),
  ];
  expect(refused.map(({ applied }) => applied)).toEqual(refused.map(() => false));
});

test("a clock that goes back does not shorten the time that a batch has", () => {
  const paused = after(open, pauseBatch("01A", 300));
  expect(deadlineOf(after(paused, resumeBatch("01A", paused, 200)))).toBe(1_000);
});

test("the end of a batch counts before its pause", () => {
  const ending = { ...after(open, pauseBatch("01A", 300)), ending: "cancel" };
  expect([isPaused(ending), stateOf(ending)]).toEqual([false, "cancelling"]);
});

test("a launch is noted for the newest pause only, in its generation", () => {
  const twice = { ...open, launch: 2 };
  expect(applyUpdate(twice, relaunched("01A", 0, 1)).applied).toBe(false);
  expect(applyUpdate(twice, relaunched("01A", 1, 2)).applied).toBe(false);
  expect(applyUpdate({ ...twice, endedAt: 1 }, relaunched("01A", 0, 2)).applied).toBe(false);
  expect(applyUpdate(twice, relaunched("01A", 0, 2)).applied).toBe(true);
});

test("time without a process is not counted twice in a pause", () => {
  const paused = after(open, pauseBatch("01A", 300));
  expect(applyUpdate(paused, addIdleTime("01A", 50)).applied).toBe(false);
});

test("a redrive removes the pause of a batch that ended in it, and its launches", () => {
  const ended = {
    ...open,
    endedAt: 1,
    state: "cancelled",
    ending: "cancel",
    paused: 5,
    launch: 2,
    relaunched: 1,
  };
  const redriven = after(ended, redriveBatch("01A", ended, { short: false }));
  expect([isPaused(redriven), launchOf(redriven), isToRelaunch(redriven)]).toEqual([false, 0, false]);
});
