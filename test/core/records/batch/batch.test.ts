import { describe, expect, test } from "vitest";
import {
  batchIn,
  batchKey,
  endBatch,
  hasEnded,
  isEnding,
  isIn,
  planned,
  stateOf,
} from "../../../../src/core/records/batch/batch.ts";
import { abandonRedrive, laid } from "../../../../src/core/records/batch/redriving.ts";
import { addIdleTime, deadlineOf } from "../../../../src/core/records/batch/bounds/deadline.ts";
import { exceeded } from "../../../../src/core/records/batch/bounds/tolerance.ts";
import type { Failure, Joined } from "../../../../src/core/records/batch/batch.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
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

describe("the state of a batch", () => {
  test("is planning, running, cancelling, and then a terminal state", () => {
    expect(stateOf(after(opened()))).toBe("planning");
    expect(stateOf(after(opened(), planned("b", END)))).toBe("running");
    expect(stateOf(after(opened(), planned("b", END), cancel))).toBe("cancelling");
    expect(stateOf(after(opened(), commit({})))).toBe("succeeded");
    expect(hasEnded(after(opened()))).toBe(false);
    expect([isEnding(after(opened())), isEnding(after(opened(), cancel))]).toEqual([false, true]);
  });

  test("keeps the first reason to end, and accepts none after the end", () => {
    const late = endBatch("b", "deadline", { code: "DEADLINE_EXCEEDED", message: "late" });
    const ending = after(opened(), cancel);
    expect(applyUpdate(ending, late)).toEqual({ applied: false, record: ending });
    const ended = after(opened(), commit({}));
    expect(applyUpdate(ended, late)).toEqual({ applied: false, record: ended });
    expect(applyUpdate(null, late)).toEqual({ applied: false, record: null });
  });
});

describe("a batch is closed", () => {
  test("once", () => {
    const ended = after(opened(), commit({}));
    expect(ended).toMatchObject({
      state: "succeeded",
      endedAt: 5,
      result: "r",
      totals: NO_TOTALS,
      error: null,
    });
    expect(applyUpdate(ended, commit({}, joined({ failed: 1 })))).toEqual({ applied: false, record: ended });
  });

  test("only by a commit that knows whether it was asked to end", () => {
    const ending = after(opened(), cancel);
    expect(applyUpdate(ending, commit({})).applied).toBe(false);
    expect(applyUpdate(after(opened()), commit(ending)).applied).toBe(false);
    expect(applyUpdate(ending, commit(ending)).applied).toBe(true);
    // A field that is not there has no value that a ledger could compare.
    expect(commit({}).when).toContainEqual({ is: "absent", field: "ending" });
  });

  test.for<[what: string, Fields, Joined, state: string, Failure | null]>([
    ["with all items succeeded", {}, joined({ succeeded: 2 }), "succeeded", null],
    ["with failed items", {}, joined({ failed: 1 }), "completed-with-failures", null],
    ["with a chunk given up", {}, joined({ broken: 1 }), "completed-with-failures", null],
    ["without a result", {}, joined({}, MERGE), "failed", MERGE],
    [
      "when it was cancelled",
      { ending: "cancel", error: { ...ASKED } },
      joined({}, MERGE),
      "cancelled",
      ASKED,
    ],
    ["at its deadline", { ending: "deadline", error: { ...ASKED } }, joined(), "failed", ASKED],
    ["early, without an error", { ending: "input" }, joined(), "failed", null],
  ])("%s", ([, record, outcome, state, error]) => {
    expect(commit(record, outcome).set).toMatchObject({ state, error });
  });

  test("as failed, with the counts, if more items failed than it tolerates", () => {
    const { state, error } = commit({ tolerateCount: 1 }, joined({ succeeded: 8, failed: 2 })).set;
    expect(state).toBe("failed");
    expect(error).toEqual({
      code: "TOO_MANY_FAILURES",
      message: "2 of 10 items failed, the job tolerates 1",
    });
  });
});

test.for<[Fields, failed: number, tooMany: boolean]>([
  [{}, 100, false],
  [{ tolerateCount: 0 }, 0, false],
  [{ tolerateCount: 0 }, 1, true],
  [{ tolerateCount: 5 }, 5, false],
  [{ toleratePercent: 5 }, 5, false],
  [{ toleratePercent: 5 }, 6, true],
  [{ toleratePercent: 0 }, 1, true],
  [{ tolerateCount: 50, toleratePercent: 5 }, 6, true],
])("tolerance %j, %i of 100 items failed: too many is %s", ([batch, failed, tooMany]) => {
  expect(exceeded(batch, { ...NO_TOTALS, succeeded: 100 - failed, failed }) !== null).toBe(tooMany);
});

test("a batch's key has its id, and other keys have none", () => {
  expect(batchIn(batchKey("01K"))).toBe("01K");
  expect(batchIn("node/01K/0/0/00000000")).toBeNull();
});

describe("too many failures", () => {
  test("count a chunk that was given up as one failed item, and the message says both", () => {
    const totals = { ...NO_TOTALS, succeeded: 7, failed: 2, broken: 1 };
    expect(exceeded({ tolerateCount: 3 }, totals)).toBeNull();
    expect(exceeded({ tolerateCount: 2 }, totals)).toEqual({
      code: "TOO_MANY_FAILURES",
      message: "2 of 9 items failed, 1 chunk was given up, the job tolerates 2",
    });
  });

  test("as a share are those of the items that were tried", () => {
    const totals = { ...NO_TOTALS, succeeded: 94, failed: 6, lost: 50 };
    expect(exceeded({ toleratePercent: 5 }, totals)).toEqual({
      code: "TOO_MANY_FAILURES",
      message: "6 of 100 items failed, the job tolerates 5 %",
    });
  });
});

describe("an update of a batch's record", () => {
  test("marks the batch as open from its beginning to its end, and again in a redrive", () => {
    const begun = after(opened({ job: "sales" }));
    expect(begun).toEqual({ job: "sales", generation: 0, open: "batch" });
    const closed = ended({ failed: 1 });
    expect(closed).not.toHaveProperty("open");
    const running = redriven(closed);
    expect(running).toMatchObject({ open: "batch" });
    expect(applyUpdate(running, abandonRedrive("b", running, MERGE, 9)).record).not.toHaveProperty("open");
  });

  test("is not made where there is no batch, or the batch has ended or is in another generation", () => {
    expect(applyUpdate(null, planned("b", END)).applied).toBe(false);
    const running = redriven(ended({ failed: 1 }));
    expect(applyUpdate(running, laid("b", 1))).toMatchObject({ applied: true, record: { laid: 1 } });
    expect(applyUpdate(running, laid("b", 2)).applied).toBe(false);
    expect(applyUpdate({ ...running, endedAt: 1 }, laid("b", 1)).applied).toBe(false);
  });

  test("counts as chunks those that were settled and those that were left out", () => {
    const record = after(opened());
    expect(commit(record, joined({ chunks: 3, lost: 2 })).set).toMatchObject({ chunks: 5 });
  });

  test("commits the error of a redrive's join with the totals of both runs", () => {
    const running = redriven(ended({ succeeded: 7, failed: 2 }));
    expect(commit(running, joined({ succeeded: 2, failed: -2 }, MERGE)).set).toMatchObject({
      state: "failed",
      error: MERGE,
      totals: { succeeded: 9, failed: 0 },
    });
  });
});

test("a batch works on the generation that it is in, until it has ended", () => {
  expect(isIn({ generation: 1 }, 1)).toBe(true);
  expect(isIn({ generation: 1 }, 0)).toBe(false);
  expect(isIn({ generation: 1, endedAt: 1 }, 1)).toBe(false);
  expect(isIn({}, 0)).toBe(true);
});

describe("the deadline of a batch", () => {
  const later = (record: Fields | null, ms: number): Fields | null =>
    applyUpdate(record, addIdleTime("b", ms)).record;

  test("moves by every time in which no process could work on it", () => {
    const running = after(opened({ deadlineAt: 1_000 }));
    expect(deadlineOf(running)).toBe(1_000);
    expect(deadlineOf(later(later(running, 50), 7) ?? {})).toBe(1_057);
  });

  test("stays where the batch has ended, and makes no record where there is none", () => {
    const done = applyUpdate(after(opened()), commit(after(opened()))).record;
    expect(applyUpdate(done, addIdleTime("b", 5)).applied).toBe(false);
    expect(applyUpdate(null, addIdleTime("b", 5)).applied).toBe(false);
  });

  test("starts anew with a redrive", () => {
    const idle = { ...ended({ failed: 1 }), idleMs: 50 };
    expect(redriven(idle)).not.toHaveProperty("idleMs");
  });
});
