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

test("of several priorities the highest has the turn, wherever its batch stands", () => {
  const priorities: Record<string, number> = { A: 5, B: 3, C: -2, D: -4 };
  const turns = new BatchTurns((batch) => priorities[batch] ?? 0);
  expect(take(turns, ["A", "B", "C"], 3)).toBe("AAA");
  expect(take(turns, ["C", "B"], 3)).toBe("BBB");
  expect(take(turns, ["C", "D"], 3)).toBe("CCC");
});

test("a batch that had to wait for one of higher priority comes before one that waits since then", () => {
  const turns = new BatchTurns((batch) => (batch === "B" ? 1 : 0));
  expect(take(turns, ["A", "B"], 20)).toBe("B".repeat(20));
  expect(take(turns, ["A", "C"], 10)).toBe("A".repeat(10));
});

test("a batch that is forgotten begins anew: nothing is known of its chunks", () => {
  const turns = new BatchTurns(() => 0);
  turns.learn("A", { ...NO_TOTALS, chunks: 10, ms: 10 });
  expect(turns.sizeOf("A").chunks).toBe(8);
  expect(turns.bundle("A", 1000, 2)).toBe(8);
  turns.forget("A");
  expect([turns.sizeOf("A").msPerChunk, turns.bundle("A", 1000, 2)]).toEqual([null, 1]);
});

test("a bundle goes on in the leaf where the one before it ended", () => {
  const turns = new BatchTurns(() => 0);
  turns.learn("A", { ...NO_TOTALS, chunks: 40, ms: 8 });
  const first = Array.from({ length: turns.bundle("A", 1000, 2) }, (_, chunk) => chunk);
  turns.take("A", first);
  expect([first.length, turns.bundle("A", 1000, 2)]).toEqual([40, 30]);
  // Where no chunk was left to take, nothing is known of the next one.
  const other = new BatchTurns(() => 0);
  other.learn("A", { ...NO_TOTALS, chunks: 60, ms: 8 });
  other.take("A", []);
  expect(other.bundle("A", 1000, 2)).toBe(50);
});
