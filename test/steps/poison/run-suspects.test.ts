import { chunkDelivery } from "../../../src/steps/bundle/delivery.ts";
import { expect, test } from "vitest";
import { journalKey } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { ItemDied } from "../../../src/runner/poison/item-died.ts";
import type { ChunksRequest, Runner } from "../../../src/runner/runner.ts";
import { worker } from "../../../src/steps/worker.ts";
import { countingJob, upTo } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

/** Records the requests of the stage's runner. `die` may throw before each of them. */
function dying(one: Stage, die: (request: ChunksRequest) => void): ChunksRequest[] {
  const requests: ChunksRequest[] = [];
  const runner: Runner = { ...one.runner };
  Object.assign(one.runner, {
    chunks: async (request: ChunksRequest) => {
      requests.push(request);
      die(request);
      return runner.chunks(request);
    },
  });
  return requests;
}

/** Dies as the engine's post-mortem would find: of the first poison item, once an attempt is careful. */
function poison(isPoison: (index: number) => boolean): (request: ChunksRequest) => void {
  return ({ careful, chunks }) => {
    if (!careful) throw new Error("a thread died");
    for (const [chunk, { quarantined }] of careful) {
      const message = chunks.find((one) => one.chunk === chunk);
      const items = (message?.end ?? 0) - (message?.start ?? 0);
      const known = new Set(quarantined.map(({ index }) => index));
      for (let index = 0; index < items; index++) {
        if (!isPoison(index) || known.has(index)) continue;
        throw new ItemDied({
          chunk,
          index,
          code: "ITEM_CRASHED",
          error: { name: "CrashError", message: "boom" },
        });
      }
    }
  };
}

test("a chunk of items that all kill ends with each of them failed, within one careful attempt", async () => {
  const one = await stage({ job: countingJob(100), chunk: { items: 100 } });
  const requests = dying(
    one,
    poison(() => true),
  );
  await one.submit();
  await one.pump();
  expect(requests).toHaveLength(102);
  expect(one.batch()).toMatchObject({ totals: { chunks: 1, broken: 0, succeeded: 0, failed: 100 } });
  expect(one.failed().map(({ index, code, attempts }) => [index, code, attempts])).toEqual(
    Array.from({ length: 100 }, (_, index) => [index, "ITEM_CRASHED", 2]),
  );
});

test("a quarantined item does not run, and its neighbours do", async () => {
  const ran: number[] = [];
  const job = countingJob(6, (n: number) => {
    ran.push(n);
    return n;
  });
  const one = await stage({ job, chunk: { items: 6 } });
  dying(
    one,
    poison((index) => index === 2),
  );
  await one.submit();
  await one.pump();
  expect(ran).toEqual([0, 1, 3, 4, 5]);
  expect(one.result()).toEqual({ order: upTo(6).replace("2,", ""), all: 5 });
  expect(one.failed()).toMatchObject([
    { index: 2, chunk: 0, code: "ITEM_CRASHED", error: { name: "CrashError", message: "boom" }, item: "2" },
  ]);
});

test("a quarantined item stays quarantined when the process dies afterwards", async () => {
  const one = await stage({ job: countingJob(4), chunk: { items: 4 } });
  let crashes = 0;
  const kill = poison((index) => index === 1);
  const requests = dying(one, (request) => {
    kill(request);
    if (crashes++ === 0) throw new Error("the process died");
  });
  await one.submit();
  await one.pump();
  expect(requests.at(-1)?.careful?.get(0)?.quarantined).toMatchObject([{ index: 1 }]);
  expect(one.batch()).toMatchObject({ totals: { succeeded: 3, failed: 1, broken: 0 } });
});

test("a first attempt does not read the journal, unless evidence makes the chunk a suspect", async () => {
  const one = await stage({ job: countingJob(4), chunk: { items: 2 } });
  const requests = dying(one, () => undefined);
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker") as ChunkMessage[];
  await worker(one.ports, one.runner, [chunkDelivery(chunks[0] as ChunkMessage, 1)]);
  await worker(one.ports, one.runner, [
    chunkDelivery(chunks[1] as ChunkMessage, 1, { carried: 0, accused: true }),
  ]);
  expect(requests.map(({ careful }) => careful)).toEqual([
    null,
    new Map([[1, { deaths: 0, quarantined: [] }]]),
  ]);
});

test("an item that dies although it is quarantined costs the chunk an attempt", async () => {
  const one = await stage({ job: countingJob(2), chunk: { items: 2 } });
  const error = { name: "CrashError", message: "boom" };
  const requests = dying(one, () => {
    throw new ItemDied({ chunk: 0, index: 0, code: "ITEM_CRASHED", error });
  });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { broken: 1 } });
  expect(requests.length).toBeLessThanOrEqual(11);
  expect(one.ledger.records.get(journalKey({ batch: BATCH, generation: 0, chunk: 0 }))).toBeDefined();
});
