import { expect, test } from "vitest";
import { readLeafHistory } from "../../src/batch/summary/leaf-history.ts";
import { openBatch } from "../../src/core/records/batch/batch.ts";
import { settle } from "../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import { withLeafHistory } from "../../src/steps/leaf-history.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import { manualClock } from "../memory/clock.ts";

const BATCH = "01A";
const LEAF: Totals = { ...NO_TOTALS, chunks: 100, succeeded: 990, failed: 10, ms: 50_000 };

async function begun() {
  const ledger = memoryLedger();
  const clock = manualClock();
  const start = clock.now();
  await ledger.update(openBatch(BATCH, { job: "job", createdAt: start }));
  const errors: unknown[] = [];
  const ports = withLeafHistory({ ledger, clock }, (error) => errors.push(error));
  const settleLeaf = (leaf: number, level = 1, totals = LEAF) =>
    ports.ledger.update(settle({ batch: BATCH, generation: 0, level, index: 0 }, [leaf], `t${leaf}`, totals));
  const history = async () => {
    const [fields = null] = await ledger.read([`batch/${BATCH}`]);
    return readLeafHistory(ledger, BATCH, fields ?? {}, clock.now());
  };
  return { ledger, clock, ports, errors, settleLeaf, history, start };
}

test("a leaf that is settled is added to the history of its batch, once", async () => {
  const { clock, settleLeaf, history, start } = await begun();
  expect(await history()).toBeNull();
  clock.advance(1000);
  await settleLeaf(0);
  clock.advance(6000);
  await settleLeaf(1);
  // Its message was delivered twice.
  expect((await settleLeaf(1)).applied).toBe(false);
  expect(await history()).toMatchObject({
    start,
    now: 7000,
    interval: 5000,
    points: { done: [1000, 1000], failed: [10, 10], inFlight: [10, 10] },
    counts: { settled: 200, running: null },
    timeline: null,
  });
});

test("chunks in a leaf, and nodes above, are not added: their leaves are", async () => {
  const { ledger, settleLeaf, history } = await begun();
  await settleLeaf(0, 0);
  await settleLeaf(0, 2);
  expect(await history()).toBeNull();
  expect([...ledger.records.keys()].filter((key) => key.startsWith("history/"))).toEqual([]);
});

test("a history that cannot be written costs nothing else", async () => {
  const { ledger, ports, errors, settleLeaf } = await begun();
  const update = ledger.update.bind(ledger);
  ledger.update = async (change) => {
    if (change.key.startsWith("history/")) throw new Error("no room");
    return update(change);
  };
  expect((await settleLeaf(0)).applied).toBe(true);
  expect(errors).toHaveLength(1);
  expect(await ports.ledger.list("node/", null, 10)).toHaveLength(1);
});

test("a redrive has a history of its own, which counts what runs again", async () => {
  const { ledger, clock, ports, history, settleLeaf } = await begun();
  await settleLeaf(0);
  clock.advance(50_000);
  ledger.records.set(`batch/${BATCH}`, { job: "job", createdAt: 0, generation: 1, redrivenAt: clock.now() });
  clock.advance(2000);
  const again = { ...NO_TOTALS, succeeded: 7, failed: -7 };
  await ports.ledger.update(
    settle({ batch: BATCH, generation: 1, level: 1, index: 0 }, [0], "x", { ...again, chunks: 1 }),
  );
  expect(await history()).toMatchObject({ now: 2000, points: { done: [7], failed: [0] } });
});
