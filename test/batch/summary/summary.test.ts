import { expect, test } from "vitest";
import { cancel } from "../../../src/batch/submit.ts";
import { summarize } from "../../../src/batch/summary/summary.ts";
import { readTotals } from "../../../src/batch/summary/progress.ts";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { countingJob, joinlessJob, lineJob } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import { BATCH } from "../../steps/stage-spec.ts";
import type { Stage } from "../../steps/stage.ts";

function summary(one: Stage): Promise<BatchSummary> {
  return summarize(one.ledger, BATCH, one.batch(), (batch, file) => `/there/${batch}/${file}`);
}

const odd = (n: number): number => {
  if (n % 2 === 1) throw new TypeError("odd");
  return n;
};

test("the summary of an ended batch has its counts, files and times", async () => {
  const one = await stage({ job: countingJob(10, odd), chunk: { items: 4 } });
  await one.submit();
  one.clock.advance(1500);
  await one.pump();
  expect(await summary(one)).toEqual({
    batch: BATCH,
    job: "counting",
    state: "completed-with-failures",
    items: { total: 10, succeeded: 5, failed: 5, skipped: 0 },
    chunks: { total: 3, settled: 3, skipped: 0 },
    damaged: 0,
    createdAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.500Z",
    seconds: 1.5,
    result: {
      path: `/there/${BATCH}/result.json`,
      bytes: expect.any(Number) as number,
      value: { order: "0,2,4,6,8,", all: 5 },
    },
    outputs: { path: `/there/${BATCH}/outputs.jsonl`, bytes: "0\n2\n4\n6\n8\n".length },
    failed: { path: `/there/${BATCH}/failed.jsonl` },
    failures: {
      groups: [
        {
          id: expect.stringMatching(/^s[0-9a-z]+$/) as string,
          code: "ITEM_FAILED",
          class: "TypeError",
          message: "odd",
          count: 5,
          advice: "the job does not retry this",
          at: expect.stringContaining("summary.test.ts") as string,
          first: [1, 3, 5, 7, 9].map((index) => {
            return { source: "range", index, line: null, offset: null, attempts: 1 };
          }),
        },
      ],
      others: 0,
    },
    error: null,
  });
});

test("a batch that an older fanjoin ended has no groups of failed items, and its list all the same", async () => {
  const one = await stage({ job: countingJob(10, odd), chunk: { items: 4 } });
  await one.submit();
  await one.pump();
  const { result, ...fields } = one.batch();
  const { failed, ...files } = result as unknown as BatchFiles;
  const { failures: _, ...list } = failed ?? { name: "", bytes: 0 };
  const old = { ...fields, result: { ...files, failed: list } };
  const read = await summarize(one.ledger, BATCH, old, (batch, file) => `${batch}/${file}`);
  expect(read).toMatchObject({ failed: { path: `${BATCH}/failed.jsonl` }, items: { failed: 5 } });
  expect("failures" in read).toBe(false);
});

test("parts that a batch lacks are null", async () => {
  const one = await stage({ job: joinlessJob(3) });
  await one.submit();
  await one.pump();
  expect(await summary(one)).toMatchObject({ state: "succeeded", result: null, outputs: null, failed: null });
});

test("the summary of a batch in planning says how far the plan is", async () => {
  const one = await stage({ job: countingJob(300), chunk: { items: 1 } });
  await one.submit();
  expect(await summary(one)).toMatchObject({
    state: "planning",
    planned: { chunks: 0 },
    chunks: { total: null, settled: 0 },
  });
  let sends = 0;
  one.hook = ({ of }, when) => {
    if (of === "worker" && when === "after" && ++sends === 2) throw new Error("dies");
  };
  await one.step("coordinator");
  await one.step("worker", 3);
  expect(await summary(one)).toMatchObject({
    state: "planning",
    planned: { chunks: 116 },
    items: { total: 300, succeeded: 3, failed: 0, skipped: 0 },
    chunks: { total: null, settled: 3, skipped: 0 },
    endedAt: null,
    seconds: null,
    result: null,
  });
});

test("the summary of a running batch has the settled chunks of all leaves", async () => {
  const one = await stage({ job: countingJob(350), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 130);
  expect(await summary(one)).toMatchObject({
    state: "running",
    chunks: { total: 350, settled: 130, skipped: 0 },
  });
  expect((await readTotals(one.ledger, BATCH)).planned).toBe(350);
});

test("a batch that ends while it is summarized is not counted twice", async () => {
  const one = await stage({ job: countingJob(10), chunk: { items: 4 } });
  await one.submit();
  const before = one.batch();
  await one.pump();
  const summarized = await summarize(one.ledger, BATCH, before, (batch, file) => `${batch}/${file}`);
  expect(summarized).toMatchObject({ items: { succeeded: 10 }, chunks: { settled: 3 } });
  expect(await readTotals(one.ledger, BATCH)).toMatchObject({ totals: { chunks: 3, succeeded: 10 } });
});

test("items that a cancelled batch left out are counted if the reader knows their number", async () => {
  const one = await stage({ job: countingJob(100), chunk: { items: 10 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 3);
  await cancel(one.ports, BATCH);
  expect(await summary(one)).toMatchObject({ state: "cancelling" });
  await one.pump();
  expect(await summary(one)).toMatchObject({
    state: "cancelled",
    items: { total: 100, succeeded: 30, failed: 0, skipped: 70 },
    chunks: { total: 10, settled: 3, skipped: 7 },
    error: { code: "CANCELLED" },
  });
});

test("a cancelled batch does not claim to be complete because all planned chunks are settled", async () => {
  const text = Array.from({ length: 500 }, (_, n) => `${n}\n`).join("");
  for (const [job, inputs, total, skipped] of [
    [countingJob(500), {}, 500, 484],
    [lineJob(), { "x.txt": text }, null, null],
  ] as const) {
    const one = await stage({ job, inputs, chunk: { items: 1 } });
    await one.submit();
    one.hook = ({ of }, when) => {
      if (of === "worker" && when === "after") throw new Error("dies");
    };
    await one.step("coordinator");
    one.queue.take("coordinator");
    one.hook = () => undefined;
    while ((await one.step("worker", 16)) > 0);
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(await summary(one)).toMatchObject({
      state: "cancelled",
      items: { total, succeeded: 16, failed: 0, skipped },
      chunks: { total: 16, settled: 16, skipped: 0 },
    });
  }
});

test("a large result is in its file only", async () => {
  const one = await stage({ job: countingJob(3, () => "x".repeat(40_000)), blockBytes: 65_536 });
  await one.submit();
  await one.pump();
  const { result } = await summary(one);
  expect(result?.bytes).toBeGreaterThan(120_000);
  expect(result).not.toHaveProperty("value");
});
