import { expect, test } from "vitest";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { cancel } from "../../src/batch/submit.ts";
import { drop } from "../../src/core/drop.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { range } from "../../src/input/range.ts";
import { collect, count } from "../../src/joins/exact/count.ts";
import { defineJob } from "../../src/job/job.ts";
import { readOutputs } from "../../src/outputs/read-outputs.ts";
import { countingJob, joinlessJob } from "../steps/jobs.ts";
import { BATCH } from "../steps/stage-spec.ts";
import { sourceOf } from "./page-reader.ts";
import { plan, settle } from "./settle.ts";
import { numbers, planned, reader } from "./outputs-stage.ts";

test("in input order, outputs come as far as the chunks from the beginning have settled", async () => {
  const one = await planned(countingJob(12));
  const reading = reader(one);
  expect(await reading.drain()).toBe("waiting");
  await settle(one, [1, 2, 4]);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual([]);
  await settle(one, [0]);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual(numbers(0, 6));
  await settle(one, [3, 5]);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual(numbers(0, 12));
  await one.pump();
  expect(await reading.page()).toBe("ended");
  expect(reading.values).toEqual(one.outputs());
});

test("in the order of completion, a slow chunk holds back nothing else", async () => {
  const one = await planned(countingJob(2000));
  const reading = reader(one, "completed");
  await settle(one, numbers(1, 1000));
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual(numbers(2, 2000));
  await settle(one, [0]);
  expect(await reading.drain()).toBe("waiting");
  await one.pump();
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual([...numbers(2, 2000), 0, 1]);
});

test("a reader reads leaf by leaf: a page does not look at what it does not need", async () => {
  const one = await planned(countingJob(1000), 1);
  await settle(one, numbers(0, 1000));
  const keys: string[] = [];
  const { ledger, store, fileName } = sourceOf(one);
  const read = async (wanted: readonly string[]): Promise<(Fields | null)[]> => {
    keys.push(...wanted);
    return ledger.read(wanted);
  };
  const first = { after: "", maxBytes: 20 };
  const page = await readOutputs({ ledger: { read }, store, fileName }, BATCH, first);
  expect(keys.filter((key) => key.startsWith("node/"))).toEqual([`node/${BATCH}/0/0/00000000`]);
  expect(page.state).toBe("ready");
});

test("after the end the published file is read, from the byte that was reached before", async () => {
  const one = await planned(countingJob(100));
  await settle(one, [0, 1]);
  const reading = reader(one, "input", 5);
  await reading.drain();
  await one.pump();
  const reads: string[] = [];
  const { ledger, store, fileName } = sourceOf(one);
  const read = (name: string, from: number, to: number) => {
    reads.push(name);
    return store.read(name, from, to);
  };
  const rest = await readOutputs({ ledger, store: { read }, fileName }, BATCH, {
    after: reading.cursor,
    maxBytes: 1000,
  });
  expect(rest.state).toBe("ended");
  expect(reads).toEqual([expect.stringMatching(/^batches\/.*outputs-/)]);
  expect(reading.text + Buffer.concat(rest.blocks).toString()).toBe(one.store.text(reads[0] ?? ""));
});

test.for(["input", "completed"] as const)(
  "in the order %s, a reader of the whole history gets what each redrive added",
  async (order) => {
    let limit = 2;
    const job = countingJob(30, (n: number) => {
      if (n % 3 > 0 && n >= limit) throw new Error("bad");
      return n;
    });
    const one = await planned(job, 5);
    await one.pump();
    const reading = reader(one, order, 7);
    await reading.drain();
    for (limit of [11, 11, 30]) {
      await redrive(one.ports, BATCH, null);
      await one.pump();
      expect(await reading.drain()).toBe("ended");
      expect(new Set(reading.values)).toEqual(new Set(one.outputs()));
    }
    const multiples = numbers(0, 30).filter((n) => n % 3 === 0 || n < 2);
    const first = numbers(2, 11).filter((n) => n % 3 > 0);
    const second = numbers(11, 30).filter((n) => n % 3 > 0);
    expect(reading.values).toEqual([...multiples, ...first, ...second]);
  },
);

test("a cancelled batch ends with the outputs of the chunks that had settled", async () => {
  const one = await planned(countingJob(500));
  await settle(one, [0, 1, 5, 130]);
  const reading = reader(one);
  await reading.drain();
  expect(reading.values).toEqual(numbers(0, 4));
  await cancel(one.ports, BATCH);
  await one.pump();
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual(one.outputs());
  expect(reading.values).toEqual([0, 1, 2, 3, 10, 11, 260, 261]);
});

test("chunks that a seal leaves out hold back nothing, also before the batch has ended", async () => {
  const one = await planned(countingJob(500));
  await settle(one, [0, 1, 130]);
  await cancel(one.ports, BATCH);
  await plan(one);
  // The root is walked down, and its first two leaves are sealed.
  for (let steps = 0; steps < 3; steps++) await one.step("join");
  const reading = reader(one);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual([0, 1, 2, 3, 260, 261]);
});

test("items that are dropped, and chunks without outputs, are passed over", async () => {
  const one = await planned(countingJob(600, (n: number) => (n > 300 && n < 595 ? drop : n)));
  await settle(one, numbers(0, 300));
  const reading = reader(one);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual([...numbers(0, 301), ...numbers(595, 600)]);
});

test("with flat, each element of an array is an output", async () => {
  const job = defineJob({
    name: "flat",
    input: range(6),
    process: (n: number) => numbers(0, n).map((m) => `é${n}.${m}`),
    join: collect({ flat: true }),
  });
  const one = await planned(job, 1);
  await one.pump();
  const reading = reader(one, "completed", 6);
  await reading.drain();
  expect(reading.values).toEqual(one.outputs());
  expect(reading.values).toHaveLength(15);
});

test("a page ends with a line; a longer line goes on in the next page, and no character is cut", async () => {
  const long = `é${"𝄞".repeat(40)}`;
  const one = await planned(countingJob(4, (n: number) => (n === 1 ? long : n)));
  await one.pump();
  for (const order of ["input", "completed"] as const) {
    const reading = reader(one, order, 10);
    const pages: string[] = [];
    for (let state = "ready"; state === "ready";) {
      const before = reading.text.length;
      state = await reading.page();
      pages.push(reading.text.slice(before));
    }
    expect(pages[0]).toBe("0\n");
    expect(reading.values).toEqual([0, long, 2, 3]);
    expect(pages.every((page) => Buffer.byteLength(page) <= 10)).toBe(true);
    expect(pages.at(-1)).toMatch(/\n$/);
  }
});

test("one page does a bounded number of reads, and says that the next one is ready", async () => {
  const job = countingJob(1000, (n: number) => (n === 999 ? n : drop));
  const one = await planned(job, 1);
  await settle(one, numbers(0, 1000));
  let reads = 0;
  const { ledger, store, fileName } = sourceOf(one);
  const read = async (keys: readonly string[]): Promise<(Fields | null)[]> => {
    reads++;
    return ledger.read(keys);
  };
  const source = { ledger: { read }, store, fileName };
  let page = await readOutputs(source, BATCH, { after: "", maxBytes: 100 });
  expect([page.state, page.blocks]).toEqual(["ready", []]);
  expect(reads).toBeLessThan(210);
  while (page.state === "ready")
    page = await readOutputs(source, BATCH, { after: page.cursor, maxBytes: 100 });
  expect(Buffer.concat(page.blocks).toString()).toBe("999\n");
});

test("a job that does not collect has no outputs, before the end as after it", async () => {
  const job = defineJob({ name: "counted", input: range(4), process: (n: number) => n, join: count() });
  const one = await planned(job);
  const known = { ...one.batch(), collects: false };
  one.ledger.records.set(`batch/${BATCH}`, known);
  const refusal = {
    code: "RESULT_UNKNOWN",
    message: `batch ${BATCH} has no outputs: its job does not collect`,
  };
  await expect(reader(one).page()).rejects.toMatchObject(refusal);
  await one.pump();
  await expect(reader(one).page()).rejects.toMatchObject(refusal);
});

test("a batch of an earlier version, which does not say whether its job collects, says so at its end", async () => {
  const one = await planned(joinlessJob(4));
  expect(await reader(one).page()).toBe("waiting");
  await one.pump();
  await expect(reader(one).page()).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
});

test("a batch that does not exist is refused, and so is the cursor of another order", async () => {
  const one = await planned(countingJob(4));
  const source = sourceOf(one);
  await expect(readOutputs(source, "01X", { after: "", maxBytes: 9 })).rejects.toMatchObject({
    code: "BATCH_UNKNOWN",
  });
  const { cursor } = await readOutputs(source, BATCH, { after: "", maxBytes: 9 });
  await expect(
    readOutputs(source, BATCH, { after: cursor, order: "completed", maxBytes: 9 }),
  ).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    message: expect.stringContaining("belongs to the order input"),
  });
});
