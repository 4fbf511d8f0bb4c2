/** Failed items that are done again, and take longer than an invocation: their chunk is cut as any other. */
import { expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { limitRecordKey } from "../../../src/core/limits/rate-limit.ts";
import { retryAfter } from "../../../src/core/limits/retry-after.ts";
import { eachOnce, outcomeOf, splitOf, stage, upTo, withAnyItems } from "./called-items.ts";
import { SAMPLE_BATCH } from "../stack/stack.ts";
import type { Stack } from "../stack/stack-interface.ts";

/** An invocation has time for some twelve items of this length. */
const LONG_MS = 4000;

async function again(stack: Stack): Promise<void> {
  expect(await redrive(stack.ports, SAMPLE_BATCH, null)).toBe(true);
  await stack.pump();
}

test.each([
  { transport: "SQS", direct: false },
  { transport: "direct invocations", direct: true },
])("failed items that take minutes are done again over $transport, each once", async ({ direct }) => {
  const isBad = (n: number): boolean => n % 4 !== 2;
  const { stack, calls, submit } = stage(
    100,
    (n, before) => {
      if (before === 0 && isBad(n)) throw new RangeError("the service is down");
      if (before > 0) stack.clock.advance(LONG_MS);
      if (n === 51 || (n === 60 && before < 2)) throw new RangeError(`${n} is bad`);
      return n;
    },
    { direct },
  );
  await submit();
  await stack.pump();
  expect(stack.batch()["totals"]).toMatchObject({ succeeded: 25, failed: 75 });
  const first = calls.length;
  await again(stack);
  expect(stack.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 1, lost: 0, broken: 0, succeeded: 98, failed: 2, units: 100 },
  });
  const bad = Array.from({ length: 100 }, (_, n) => n).filter(isBad);
  const ran = calls.slice(first).map(({ n }) => n);
  expect(ran.toSorted((a, b) => a - b)).toEqual(bad);
  expect(stack.failed().map(({ index, attempts }) => ({ index, attempts }))).toEqual([
    { index: 51, attempts: 2 },
    { index: 60, attempts: 2 },
  ]);
  const split = splitOf(stack, 1);
  expect(split.expects).toBeGreaterThan(4);
  expect(split.parts().filter((part) => split.formerOf(part) !== null).length).toBeGreaterThan(3);
  expect(stack.counts.get("AttemptsFailed")).toBeUndefined();
  await again(stack);
  // Only the parts with a failed item are done again.
  expect(calls).toHaveLength(first + bad.length + 2);
  expect(stack.failed().map(({ index, attempts }) => ({ index, attempts }))).toEqual([
    { index: 51, attempts: 3 },
  ]);
});

test("a failed item that is told to wait longer than its function does, and the others are not done twice", async () => {
  const { stack, callsOf, submit } = stage(
    9,
    (n, before) => {
      if ([0, 2, 3, 4, 7].includes(n) && before === 0) throw new RangeError(`${n} is bad`);
      if ([0, 4].includes(n) && before < 3) throw retryAfter(250);
      return n;
    },
    { settings: { concurrency: 4 } },
  );
  await submit();
  await stack.pump();
  await again(stack);
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 9, failed: 0, chunks: 1 } });
  expect(stack.files().result?.value).toMatchObject({ order: upTo(9) });
  for (const n of [2, 3, 7]) expect(callsOf(n)).toHaveLength(2);
  for (const n of [0, 4]) {
    const [, first, second, third] = callsOf(n);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(250_000);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(250_000);
  }
  expect(stack.counts.get("AttemptsFailed")).toBeUndefined();
});

test("failed items whose calls come late wait as one part", async () => {
  const record = limitRecordKey("counting", null);
  const { stack, calls, submit } = stage(8, async (n, before) => {
    // Others take all calls of the next minute.
    const tat = (stack.clock.now() + 60_000) * 1000;
    if (n === 2 && before > 0) await stack.ledger.update({ key: record, when: [], set: { tat }, add: {} });
    stack.clock.advance(1000);
    if (before === 0) throw new RangeError(`${n} is bad`);
    return n;
  });
  await submit({ rateLimit: { perSecond: 1, burst: 1, key: null } });
  await stack.pump();
  await again(stack);
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 8, chunks: 1 } });
  expect(stack.files().result?.value).toMatchObject({ order: upTo(8) });
  expect(calls.slice(8).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(splitOf(stack, 1).expects).toBe(2);
  expect(stack.counts.get("AttemptsFailed")).toBeUndefined();
});

test("whatever waits, fails or takes long in a redrive, each item counts once, in order", async () => {
  const kinds = ["plain", "once", "once", "waits", "waits twice", "fails", "long", "long"];
  await withAnyItems(kinds, async (items, concurrency) => {
    const { stack, submit } = stage(
      items.length,
      (n, before) => {
        const kind = items[n] ?? "";
        if (kind === "plain") return n;
        if (before === 0 || kind === "fails") throw new RangeError("bad");
        if (kind === "long") stack.clock.advance(20_000);
        if (kind === "waits" && before === 1) throw retryAfter(100 + n);
        if (kind === "waits twice" && before < 3) throw retryAfter(200);
        return n;
      },
      { settings: { concurrency } },
    );
    await submit();
    await stack.pump();
    if (stack.failed().length === 0) return;
    await again(stack);
    expect(outcomeOf(stack)).toEqual(eachOnce(items));
  });
});
