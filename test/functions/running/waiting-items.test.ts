/** Items that wait longer than an invocation, and chunks whose calls come late, are cut and go on later. */
import { expect, test } from "vitest";
import { limitRecordKey } from "../../../src/core/limits/rate-limit.ts";
import { retryAfter } from "../../../src/core/limits/retry-after.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { csvJob } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "../stack/stack.ts";
import { eachOnce, outcomeOf, splitOf, stage, upTo, withAnyItems } from "./called-items.ts";

const MINUTE = 60_000;

test.each([1, 4])(
  "with %i at once, an item that waits longer than its function runs later, and no other runs twice",
  async (concurrency) => {
    const { stack, calls, callsOf, submit } = stage(
      10,
      (n, before) => {
        if (before === 0 && [0, 4, 5, 9].includes(n)) throw retryAfter(600);
        return n;
      },
      { settings: { concurrency } },
    );
    await submit();
    await stack.pump();
    expect(stack.batch()).toMatchObject({
      state: "succeeded",
      totals: { chunks: 1, lost: 0, broken: 0, succeeded: 10, failed: 0, units: 10 },
    });
    expect(stack.files().result?.value).toMatchObject({ order: upTo(10) });
    expect(calls).toHaveLength(14);
    for (const n of [0, 4, 5, 9]) {
      const [first, second] = callsOf(n);
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(600_000);
    }
    // 0, 1 to 3, 4, 5, 6 to 8, 9.
    expect(splitOf(stack).expects).toBe(6);
    expect(stack.counts.get("ItemsSucceeded")).toBe(10);
    expect(stack.counts.get("AttemptsFailed")).toBeUndefined();
  },
);

test("an item waits 15 minutes in all, over all of its functions", async () => {
  const { stack, callsOf, submit } = stage(3, (n) => {
    if (n === 1) throw retryAfter(400);
    return n;
  });
  await submit();
  await stack.pump();
  expect(stack.batch()["totals"]).toMatchObject({ succeeded: 2, failed: 1, chunks: 1 });
  expect(callsOf(1)).toHaveLength(3);
  const [failed] = stack.failed();
  expect(failed).toMatchObject({
    index: 1,
    code: "ITEM_FAILED",
    error: { message: expect.stringContaining("has waited 800 s already") as string },
  });
});

test("where messages cannot be delayed, such an item fails, and says what to do", async () => {
  const { stack, submit } = stage(
    4,
    (n) => {
      if (n === 1) throw retryAfter(600);
      return n;
    },
    { direct: true },
  );
  await submit();
  await stack.pump();
  expect(stack.failed()).toMatchObject([
    { index: 1, error: { message: expect.stringContaining("redrive it later") as string } },
  ]);
  expect(stack.batch()["totals"]).toMatchObject({ succeeded: 3, failed: 1 });
});

test("what failed and waited is done again by a redrive, in its part, with its place", async () => {
  const { stack, submit } = stage(
    9,
    (n, before) => {
      if ([1, 5].includes(n) && before === 0) throw retryAfter(600);
      if ([0, 3, 5, 7].includes(n) && before < 2) throw new RangeError(`${n} is bad`);
      return n;
    },
    { settings: { concurrency: 3 } },
  );
  await submit();
  await stack.pump();
  expect(stack.failed().map(({ index }) => index)).toEqual([0, 3, 5, 7]);
  while (await redrive(stack.ports, SAMPLE_BATCH, null)) await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 9, failed: 0, chunks: 1 } });
  expect(stack.files().result?.value).toMatchObject({ order: upTo(9) });
});

test("a chunk whose calls come late settles what is done, and its rest waits as one part", async () => {
  const record = limitRecordKey("counting", null);
  const { stack, calls, submit } = stage(8, async (n) => {
    // Others take all calls of the next minute.
    const tat = (stack.clock.now() + MINUTE) * 1000;
    if (n === 2) await stack.ledger.update({ key: record, when: [], set: { tat }, add: {} });
    stack.clock.advance(1000);
    return n;
  });
  await submit({ rateLimit: { perSecond: 1, burst: 1, key: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 8, chunks: 1 } });
  expect(stack.files().result?.value).toMatchObject({ order: upTo(8) });
  expect(calls.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect((calls[3]?.at ?? 0) - (calls[2]?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE);
  expect(splitOf(stack).expects).toBe(2);
  expect(stack.counts.get("AttemptsFailed")).toBeUndefined();
});

test("lines and places of failed items are right on both sides of one that waits", async () => {
  const rows = ["id,note", "0,ok", "1,bad", "", "2,wait", '3,"a', 'b"', "4,bad", "5,ok", "6,wait", "7,bad"];
  const text = `${rows.join("\n")}\n`;
  const failedWith = async (waits: boolean): Promise<unknown[]> => {
    const seen = new Set<string>();
    const plain = csvJob({ concurrency: 4 });
    const job: typeof plain = {
      ...plain,
      process(row, context) {
        const { id, note } = row as { readonly id: string; readonly note: string };
        if (waits && note === "wait" && !seen.has(id)) {
          seen.add(id);
          throw retryAfter(300);
        }
        return plain.process(row, context);
      },
    };
    const stack = memoryStack([job]);
    const name = "rows.csv";
    stack.store.put(name, text);
    const { version } = (await stack.store.stat(name)) ?? { version: "" };
    const size = Buffer.byteLength(text);
    await stack.submit({
      reader: "csv",
      options: job.input.options,
      sources: [{ name, label: name, size, version }],
    });
    await stack.pump();
    expect(stack.batch()["totals"]).toMatchObject({ succeeded: 5, failed: 3 });
    return stack.failed().map(({ index, line, offset }) => ({ index, line, offset }));
  };
  expect(await failedWith(true)).toEqual(await failedWith(false));
});

test("whatever waits, fails or takes long, each item counts once, in order", async () => {
  const kinds = ["plain", "plain", "plain", "waits", "waits twice", "fails", "long"];
  await withAnyItems(kinds, async (items, concurrency) => {
    const { stack, submit } = stage(
      items.length,
      (n, before) => {
        const kind = items[n] ?? "";
        if (kind === "long") stack.clock.advance(20_000);
        if (kind === "waits" && before === 0) throw retryAfter(100 + n);
        if (kind === "waits twice" && before < 2) throw retryAfter(200);
        if (kind === "fails") throw new RangeError("bad");
        return n;
      },
      { settings: { concurrency } },
    );
    await submit();
    await stack.pump();
    expect(outcomeOf(stack)).toEqual(eachOnce(items));
  });
});
