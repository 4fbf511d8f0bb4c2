/** A batch of a stack is taken out of sight at once, and its objects go later. */
import { expect, test } from "vitest";
import { batchKey } from "../../../src/core/records/batch/batch.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { remove, removeObjects } from "../../../src/batch/steering/remove.ts";
import { claimToken, isUnplanned } from "../../../src/batch/submit.ts";
import { countingJob } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import { BATCH } from "../../steps/stage-spec.ts";
import type { Stage } from "../../steps/stage.ts";

async function ended(): Promise<Stage> {
  const one = await stage({ job: countingJob(3) });
  await one.submit();
  await one.pump();
  return one;
}

test("a batch that has ended is removed once, and with it its objects", async () => {
  const one = await ended();
  const { result } = one.batch() as { result: { result: { name: string } } };
  await remove(one.ports, BATCH);
  expect(one.batch()).toMatchObject({ removed: one.clock.now(), result: null, params: null });
  await expect(remove(one.ports, BATCH)).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect(one.batch()).toHaveProperty("open");
  await removeObjects(one.ports, BATCH);
  expect(one.batch()).not.toHaveProperty("open");
  expect(await one.store.stat(result.result.name)).toBeNull();
});

test("objects that one call cannot remove are left to the next call", async () => {
  const one = await ended();
  await remove(one.ports, BATCH);
  const names: string[] = [];
  const store = {
    ...one.ports.store,
    removeFolder: async (name: string) => names.push(name) > 1,
  };
  await removeObjects({ ...one.ports, store }, BATCH);
  expect(one.batch()).toHaveProperty("open");
  await removeObjects({ ...one.ports, store }, BATCH);
  expect(one.batch()).not.toHaveProperty("open");
  expect(names).toEqual([`batches/${BATCH}`, `batches/${BATCH}`]);
});

test("a batch that has not ended cannot be removed, and one that does not exist neither", async () => {
  const one = await stage({ job: countingJob(3) });
  await one.submit();
  await expect(remove(one.ports, BATCH)).rejects.toMatchObject({
    code: "BATCH_NOT_READY",
    message: `batch ${BATCH} has not ended, and only an ended batch can be removed: cancel it first`,
  });
  await expect(remove(one.ports, "01Z")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("the token of a removed batch is free again, unless it stays forever", async () => {
  const one = await ended();
  const token = { job: "counting", id: "today", input: "a@1" };
  const event = { ...token, id: "event", forever: true } as const;
  expect(await claimToken(one.ports, token, BATCH)).toBe(BATCH);
  expect(await claimToken(one.ports, event, BATCH)).toBe(BATCH);
  expect(await claimToken(one.ports, token, "01B")).toBe(BATCH);
  await remove(one.ports, BATCH);
  expect(await claimToken(one.ports, { ...token, input: "b@1" }, "01B")).toBe("01B");
  expect(await claimToken(one.ports, { ...token, input: "b@1" }, "01C")).toBe("01B");
  await expect(claimToken(one.ports, token, "01C")).rejects.toMatchObject({ code: "BATCH_CONFLICT" });
  expect(await claimToken(one.ports, event, "01B")).toBe(BATCH);
});

test("of two submitters that take over the token of a removed batch, one begins it, and both have its id", async () => {
  const one = await ended();
  const token = { job: "counting", id: "today", input: "a@1" };
  await claimToken(one.ports, token, BATCH);
  await remove(one.ports, BATCH);
  const [first, second] = await Promise.all(
    ["01B", "01C"].map((batch) => claimToken(one.ports, token, batch)),
  );
  expect(first).toBe(second);
  const claims = ["01D", "01E"].map((batch) => claimToken(one.ports, { ...token, id: "new" }, batch));
  expect(new Set(await Promise.all(claims)).size).toBe(1);
});

test("a batch is not removed if a redrive begins at the same time", async () => {
  let isFixed = false;
  const job = countingJob(3, (n) => {
    if (n === 1 && !isFixed) throw new TypeError("no");
    return n;
  });
  const one = await stage({ job });
  await one.submit();
  await one.pump();
  isFixed = true;
  let isFirst = true;
  one.hook = async ({ method, of }, when) => {
    if (method !== "update" || of !== batchKey(BATCH) || when !== "before" || !isFirst) return;
    isFirst = false;
    await redrive(one.ports, BATCH, null);
  };
  await expect(remove(one.ports, BATCH)).rejects.toMatchObject({ code: "BATCH_NOT_READY" });
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded", generation: 1, totals: { succeeded: 3 } });
  expect(one.batch()).not.toHaveProperty("removed");
});

test("a batch is unplanned until its first entry is written", async () => {
  const one = await stage({ job: countingJob(3) });
  await one.submit();
  const unplanned = (more = {}): Promise<boolean> =>
    isUnplanned(one.ledger, BATCH, { ...one.batch(), ...more });
  expect(await unplanned()).toBe(true);
  expect(await unplanned({ generation: 1 })).toBe(false);
  expect(await unplanned({ chunks: 0 })).toBe(false);
  expect(await unplanned({ endedAt: 1 })).toBe(false);
  const { chunks: _chunks, ...planning } = one.batch();
  await one.step("coordinator");
  expect(await isUnplanned(one.ledger, BATCH, planning)).toBe(false);
});
