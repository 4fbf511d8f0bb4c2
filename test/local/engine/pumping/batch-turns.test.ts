/** Whose chunks run next where several batches wait. */
import { expect, test } from "vitest";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { BatchTurns } from "../../../../src/local/engine/pumping/batch-turns.ts";

/** Gives `count` turns to batches that all wait all the time. Returns whose turns they were. */
function take(turns: BatchTurns, waiting: readonly string[], count: number): string {
  let order = "";
  for (let turn = 0; turn < count; turn++) {
    const batch = turns.next(waiting) ?? "";
    turns.take(batch, [turn]);
    order += batch;
  }
  return order;
}

const count = (order: string, batch: string): number => order.split(batch).length - 1;

test("nobody's turn it is where nobody waits", () => {
  expect(new BatchTurns(() => 0).next([])).toBeNull();
});

test("batches with equal chunks take turns", () => {
  const order = take(new BatchTurns(() => 0), ["A", "B", "C"], 30);
  expect([count(order, "A"), count(order, "B"), count(order, "C")]).toEqual([10, 10, 10]);
});

test("a batch whose chunks take ten times as long has a tenth of the turns", () => {
  const turns = new BatchTurns(() => 0);
  turns.learn("A", { ...NO_TOTALS, chunks: 1, ms: 10 });
  turns.learn("B", { ...NO_TOTALS, chunks: 1, ms: 100 });
  const order = take(turns, ["A", "B"], 110);
  expect(count(order, "B")).toBe(10);
});

test("a batch that comes later begins soon, and does not catch up on what others have had", () => {
  const turns = new BatchTurns(() => 0);
  take(turns, ["A"], 1_000);
  const order = take(turns, ["A", "B"], 20);
  expect(order.indexOf("B")).toBeLessThanOrEqual(1);
  expect(count(order, "B")).toBe(10);
});

test("a batch that did not wait for a while saves no time for later", () => {
  const turns = new BatchTurns(() => 0);
  take(turns, ["A", "B"], 10);
  take(turns, ["A"], 1_000);
  expect(count(take(turns, ["A", "B"], 20), "B")).toBe(10);
});

test("a batch of higher priority has all turns while it waits, then the others go on", () => {
  const turns = new BatchTurns((batch) => (batch === "B" ? 1 : 0));
  expect(take(turns, ["A", "B"], 5)).toBe("BBBBB");
  expect(take(turns, ["A"], 2)).toBe("AA");
  expect(take(turns, ["A", "B"], 2)).toBe("BB");
});
