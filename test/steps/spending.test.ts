import { expect, test } from "vitest";
import { liveCountsKey } from "../../src/core/records/batch/live-counts.ts";
import type { Spent } from "../../src/core/records/batch/bounds/spent.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import { enforceCost, noteSpent } from "../../src/steps/spending.ts";
import { worker } from "../../src/steps/worker.ts";
import { chunkDelivery } from "../../src/steps/bundle/delivery.ts";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import type { Ports } from "../../src/ports.ts";
import { countingJob } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

/** A meter that has `spent`, and tells what it gets back. */
function metered(one: Stage, spent: Spent): { readonly ports: Ports; readonly back: Spent[] } {
  const back: Spent[] = [];
  const meter = { take: () => spent, giveBack: (taken: Spent) => void back.push(taken) };
  return { ports: { ...one.ports, meter }, back };
}

async function begun(): Promise<Stage> {
  const one = await stage({ job: countingJob(6), chunk: { items: 2 } });
  await one.submit();
  return one;
}

test.for<[Spent, object | undefined]>([
  [{}, undefined],
  [{ mbs: 3 }, { mbs: 3 }],
  [{ fees: 4 }, { fees: 4 }],
  [
    { mbs: 3, fees: 4 },
    { mbs: 3, fees: 4 },
  ],
])("a coordinator that has spent %j writes it down, and nothing else", async ([spent, counted]) => {
  const one = await begun();
  await noteSpent(metered(one, spent).ports, BATCH);
  expect(one.ledger.records.get(liveCountsKey(BATCH))).toEqual(counted);
});

test("a batch without a meter writes nothing down", async () => {
  const one = await begun();
  await noteSpent(one.ports, BATCH);
  expect(one.ledger.records.get(liveCountsKey(BATCH))).toBeUndefined();
});

/** A hundred million billionths of a dollar: ten cents. */
const TEN_CENTS = { ...NO_TOTALS, fees: 1e8 };

test("a batch ends once its workers and all others have spent more than it may cost", async () => {
  const one = await begun();
  const capped = { ...one.spec, maxCostUsd: 0.25 };
  await enforceCost(one.ports, capped, TEN_CENTS);
  await enforceCost(one.ports, capped, TEN_CENTS);
  expect(one.batch()["ending"]).toBeUndefined();
  // What planning and merging have spent counts, too: five cents, and no more than the limit.
  await noteSpent(metered(one, { fees: 5e7 }).ports, BATCH);
  await enforceCost(one.ports, capped, NO_TOTALS);
  expect(one.batch()["ending"]).toBeUndefined();
  // 8,192 megabyte-seconds are eight of a gigabyte.
  await enforceCost(one.ports, capped, { ...NO_TOTALS, mbs: 8192 });
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: {
      code: "COST_EXCEEDED",
      message: "the batch has cost $0.250107, more than its maxCostUsd of $0.25",
    },
  });
});

test("a batch without a limit of cost counts nothing for it", async () => {
  const one = await begun();
  await enforceCost(one.ports, one.spec, TEN_CENTS);
  expect(one.ledger.records.get(liveCountsKey(BATCH))).toBeUndefined();
});

test.for<[Spent, Spent[]]>([
  [{ mbs: 7, fees: 8 }, [{ mbs: 7, fees: 8 }]],
  [{ mbs: 7 }, [{ mbs: 7, fees: 0 }]],
  [{ fees: 8 }, [{ mbs: 0, fees: 8 }]],
  [{}, []],
])("of a chunk that somebody else has settled, a worker has still spent %j", async ([spent, returned]) => {
  const one = await begun();
  await one.step("coordinator");
  const [chunk] = one.queue.take("worker", 1) as ChunkMessage[];
  const deliveries = [chunkDelivery(chunk as ChunkMessage, 1)];
  const { ports, back } = metered(one, spent);
  await worker(ports, one.runner, deliveries);
  expect(back).toEqual([]);
  await worker(ports, one.runner, deliveries);
  expect(back).toEqual(returned);
});
