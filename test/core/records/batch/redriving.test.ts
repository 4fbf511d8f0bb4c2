import { describe, expect, test } from "vitest";
import {
  closedGenerations,
  generationOf,
  planned,
  stateOf,
} from "../../../../src/core/records/batch/batch.ts";
import {
  abandonRedrive,
  closedChunks,
  extensionOf,
  isLaunched,
  laid,
  launched,
  redriveBatch,
} from "../../../../src/core/records/batch/redriving.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";
import {
  ASKED,
  MERGE,
  after,
  opened,
  END,
  cancel,
  joined,
  ended,
  redriven,
  commit,
} from "./batch-updates.ts";

describe("a redriven batch", () => {
  test("runs again in a new generation, and keeps the committed result", () => {
    const failed = ended({ succeeded: 7, failed: 2 });
    const running = redriven(failed);
    expect(stateOf(running)).toBe("running");
    expect(generationOf(running)).toBe(1);
    expect(running).toMatchObject({ result: "r", totals: { succeeded: 7, failed: 2 }, closed: [0] });
    expect(applyUpdate(running, redriveBatch("b", failed, { short: false })).applied).toBe(false);
  });

  test("does not keep how the last run ended, nor that its nodes were laid", () => {
    const running = redriven(ended({ failed: 1 }, cancel));
    for (const field of ["endedAt", "ending", "error", "laid"]) expect(running).not.toHaveProperty(field);
    const laidBefore = then(running, laid("b", 1));
    const again = redriven(then(laidBefore, commit(laidBefore, joined({ failed: 1 }))));
    expect(again).not.toHaveProperty("laid");
    expect(applyUpdate(again, abandonRedrive("b", again, MERGE, 9)).applied).toBe(true);
  });

  test("whose plan goes on has no number of chunks, and gets it back if it is given up", () => {
    const short = { extend: 4, first: 3 };
    const before = ended({ failed: 1 }, planned("b", { ...END, short: true }));
    const running = applyUpdate(before, redriveBatch("b", before, short)).record ?? {};
    expect(extensionOf(running)).toEqual(short);
    expect(closedChunks(running)).toBe(3);
    expect(stateOf(running)).toBe("planning");
    for (const field of ["chunks", "short"]) expect(running).not.toHaveProperty(field);
    expect(then(running, abandonRedrive("b", running, MERGE, 9))).toMatchObject({ chunks: 3, short: true });
  });

  test("does not keep where the redrive before it went on planning", () => {
    const extended = { ...ended({ failed: 1 }), extend: 4, first: 2, launched: 1 };
    const running = redriven(extended);
    for (const field of ["extend", "first", "launched"]) expect(running).not.toHaveProperty(field);
    expect(extensionOf(running)).toBeNull();
    expect(closedChunks(running)).toBe(3);
  });

  test("is launched once in each generation", () => {
    const running = redriven(ended({ failed: 1 }));
    expect(isLaunched(running)).toBe(false);
    expect(isLaunched(then(running, launched("b", 1)))).toBe(true);
    expect(applyUpdate(running, launched("b", 2)).applied).toBe(false);
  });

  test("refuses the number of chunks that a planner of an earlier generation found", () => {
    const running = redriven(ended({ failed: 1 }));
    expect(applyUpdate(running, planned("b", END)).applied).toBe(false);
    const update = planned("b", { end: 7, short: true, generation: 1 });
    expect(then(running, update)).toMatchObject({ chunks: 7, short: true });
  });

  test("that is given up is failed where the record does not say how it ended before", () => {
    const { former: _former, ...running } = redriven(ended({ failed: 1 }));
    expect(abandonRedrive("b", running, MERGE, 9).set).toEqual({ state: "failed", error: MERGE, endedAt: 9 });
  });

  test("has to have ended before", () => {
    const running = after(opened(), planned("b", END));
    expect(applyUpdate(running, redriveBatch("b", running, { short: false })).applied).toBe(false);
  });

  test("adds the differences to the totals before, once", () => {
    const running = redriven(ended({ succeeded: 7, failed: 2 }));
    const update = commit(running, joined({ succeeded: 2, failed: -2 }));
    const { record } = applyUpdate(running, update);
    expect(record).toMatchObject({
      state: "succeeded",
      chunks: 3,
      totals: { chunks: 3, succeeded: 9, failed: 0 },
      closed: [1, 0],
    });
    expect(applyUpdate(record, update).applied).toBe(false);
  });

  test("refuses a commit of an older generation", () => {
    const late = commit(after(opened(), planned("b", END)), joined({ chunks: 3 }));
    expect(applyUpdate(redriven(ended({ failed: 1 })), late).applied).toBe(false);
  });

  test("stays incomplete if chunks stay left out, or if the plan does not cover the input", () => {
    const lost = redriven(ended({ chunks: 2, lost: 1 }, cancel));
    expect(then(lost, commit(lost))).toMatchObject({ state: "cancelled", error: ASKED });
    const short = redriven(ended({ chunks: 3 }, cancel), true);
    expect(then(short, commit(short))).toMatchObject({ state: "cancelled", error: ASKED });
    const whole = redriven(ended({ chunks: 2, lost: 1 }, cancel));
    const done = commit(whole, joined({ chunks: 1, lost: -1 }));
    expect(then(whole, done)).toMatchObject({ state: "succeeded", error: null });
  });

  test("can be given up until its nodes are laid, and is then as it was before", () => {
    const failed = ended({ succeeded: 1, failed: 1 });
    const running = redriven(failed);
    const abandoned = abandonRedrive("b", running, MERGE, 9);
    expect(then(running, abandoned)).toMatchObject({
      state: failed["state"],
      totals: failed["totals"],
      error: MERGE,
    });
    expect(applyUpdate(then(running, laid("b", 1)), abandoned).applied).toBe(false);
    const again = redriven(then(running, abandoned));
    expect([generationOf(again), closedGenerations(again)]).toEqual([2, [0]]);
  });

  function then(record: Fields, update: Update): Fields {
    const reply = applyUpdate(record, update);
    expect(reply.applied).toBe(true);
    return reply.record ?? {};
  }
});
