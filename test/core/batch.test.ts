import { describe, expect, test } from "vitest";
import {
  batchIn,
  batchKey,
  commitBatch,
  endBatch,
  exceeded,
  hasEnded,
  isEnding,
  openBatch,
  planned,
  stateOf,
} from "../../src/core/batch.ts";
import type { Failure, Joined } from "../../src/core/batch.ts";
import { applyUpdate } from "../../src/core/record.ts";
import type { Fields, Update } from "../../src/core/record.ts";
import { NO_TOTALS } from "../../src/core/tree.ts";
import type { Totals } from "../../src/core/tree.ts";

const ASKED: Failure = { code: "CANCELLED", message: "asked" };
const MERGE: Failure = { code: "MERGE_FAILED", message: "merge" };

/** The record after all these updates, each of which has to apply. */
function after(...updates: Update[]): Fields {
  let record: Fields | null = null;
  for (const update of updates) {
    const reply = applyUpdate(record, update);
    expect(reply.applied).toBe(true);
    record = reply.record;
  }
  return record ?? {};
}

const opened = (fields: Fields = {}): Update => openBatch("b", fields);
const cancel = endBatch("b", "cancel", ASKED);
const joined = (totals: Partial<Totals> = {}, error: Failure | null = null): Joined => {
  return { totals: { ...NO_TOTALS, ...totals }, result: "r", error };
};
const commit = (seen: Fields, what = joined()): Update => commitBatch("b", seen, what, 5);

describe("the state of a batch", () => {
  test("is planning, running, cancelling, and then how it ended", () => {
    expect(stateOf(after(opened()))).toBe("planning");
    expect(stateOf(after(opened(), planned("b", 3)))).toBe("running");
    expect(stateOf(after(opened(), planned("b", 3), cancel))).toBe("cancelling");
    expect(stateOf(after(opened(), commit({})))).toBe("succeeded");
    expect(hasEnded(after(opened()))).toBe(false);
    expect([isEnding(after(opened())), isEnding(after(opened(), cancel))]).toEqual([false, true]);
  });

  test("keeps the first reason to end, and takes none after the end", () => {
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

  test("only by one who knows whether it was asked to end", () => {
    const ending = after(opened(), cancel);
    expect(applyUpdate(ending, commit({})).applied).toBe(false);
    expect(applyUpdate(after(opened()), commit(ending)).applied).toBe(false);
    expect(applyUpdate(ending, commit(ending)).applied).toBe(true);
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
    ["for a reason that nobody explained", { ending: "input" }, joined(), "failed", null],
  ])("%s", ([, seen, what, state, error]) => {
    expect(commit(seen, what).set).toMatchObject({ state, error });
  });

  test("as failed, with what was found, if more items failed than it tolerates", () => {
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

test("a key tells its batch, and nothing else is taken for one", () => {
  expect(batchIn(batchKey("01K"))).toBe("01K");
  expect(batchIn("node/01K/0/0/00000000")).toBeNull();
});
