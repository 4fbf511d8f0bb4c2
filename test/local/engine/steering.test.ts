/** What an engine does where a batch is paused, resumed or set: in the ledger, and in what it holds. */
import { expect, test } from "vitest";
import { specFields } from "../../../src/batch/spec.ts";
import { hasEnded } from "../../../src/core/records/batch/batch.ts";
import { isPaused } from "../../../src/core/records/batch/pausing.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { ActiveBatches } from "../../../src/local/engine/active-batches.ts";
import { steering } from "../../../src/local/engine/steering.ts";
import type { SteeringContext } from "../../../src/local/engine/steering.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { memoryQueue } from "../../../src/testing/memory/queue.ts";
import { manualClock } from "../../memory/clock.ts";
import { RANGE_SPEC } from "./range-spec.ts";

const SPEC = { ...RANGE_SPEC, jobFile: "job.ts" };

/** A batch that runs, which the engine works on or does not. */
function running({
  isActive = true,
  jobFile = "job.ts",
}: { isActive?: boolean; jobFile?: string | null } = {}) {
  const ledger = memoryLedger();
  const record = (more: Fields = {}): Fields => ({
    ...specFields({ ...SPEC, jobFile }),
    generation: 0,
    ...more,
  });
  ledger.records.set("batch/01A", record());
  const batches = new ActiveBatches();
  if (isActive) batches.open({ ...SPEC, jobFile });
  const events: unknown[] = [];
  const commit = Promise.withResolvers<void>();
  commit.resolve();
  const is = { committed: commit.promise };
  const steers = steering({
    ports: { ledger, queue: memoryQueue(), clock: manualClock() },
    database: { committed: () => (events.push("commit"), is.committed) },
    batches,
    threads: { resize: (file: string, count: number | null) => void events.push(["resize", file, count]) },
    turns: { forget: (batch: string) => void events.push(["forget", batch]) },
    limits: {
      changed: (batch: string, { setInFlight }: Fields) => void events.push(["limits", batch, setInFlight]),
    },
    onChange: () => void events.push("change"),
  } as unknown as SteeringContext);
  const fields = (): Fields => ledger.records.get("batch/01A") ?? {};
  return { steers, batches, ledger, events, fields, record, is };
}

/** Whether this has resolved by now. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  void work.then(() => (done = true));
  await new Promise(setImmediate);
  return done;
}

test("a batch that is paused knows it, and only a pause that changes something says so", async () => {
  const { steers, batches, fields, events } = running();
  expect(await steers.pause("01A")).toBe(true);
  expect([batches.get("01A").paused, isPaused(fields()), events]).toEqual([true, true, ["commit"]]);
  expect(await steers.pause("01A")).toBe(false);
  expect(batches.get("01A").paused).toBe(true);
  expect(await steers.resume("01A")).toBe(true);
  expect([batches.get("01A").paused, isPaused(fields())]).toEqual([false, false]);
  expect(await steers.resume("01A")).toBe(false);
  expect(batches.get("01A").paused).toBe(false);
});

test("a pause that is refused leaves the batch as it is", async () => {
  const { steers, batches, ledger, record } = running();
  ledger.records.set("batch/01A", record({ endedAt: 1 }));
  expect(await steers.pause("01A")).toBe(false);
  expect(batches.get("01A").paused).toBe(false);
  batches.get("01A").paused = true;
  expect(await steers.resume("01A")).toBe(false);
  expect(batches.get("01A").paused).toBe(true);
});

test("changes are durable when they are done", async () => {
  const { steers, is } = running();
  const { promise, resolve } = Promise.withResolvers<void>();
  is.committed = promise;
  const changes = [steers.pause("01A"), steers.resume("01A"), steers.set("01A", { threads: 1 })];
  expect(await isDone(Promise.race(changes))).toBe(false);
  resolve();
  expect(await isDone(Promise.all(changes))).toBe(true);
});

test("settings are known at once: threads, limits, and that there may be room", async () => {
  const { steers, batches, events } = running();
  await steers.set("01A", { threads: 4, inFlight: 9 });
  expect(batches.get("01A").settings).toEqual({ threads: 4, inFlight: 9 });
  expect(events).toEqual([["limits", "01A", 9], ["resize", "job.ts", 4], "change", "commit"]);
  await steers.set("01A", { priority: 1 });
  expect(batches.get("01A").settings).toEqual({ threads: 4, inFlight: 9, priority: 1 });
});

test("settings of a batch that nobody works on here are kept for its next owner", async () => {
  const { steers, fields, events } = running({ isActive: false });
  await steers.set("01A", { threads: 4, inFlight: 9 });
  expect(fields()).toMatchObject({ setThreads: 4, setInFlight: 9 });
  expect(events).toEqual([["limits", "01A", 9], "commit"]);
  await steers.pause("01A");
  expect(isPaused(fields())).toBe(true);
});

test("nothing is set of a batch that is not there, or has ended", async () => {
  const { steers, ledger, record, events, fields } = running();
  await expect(steers.set("01B", { threads: 4 })).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  ledger.records.set("batch/01A", record({ endedAt: 1 }));
  await expect(steers.set("01A", { threads: 4 })).rejects.toMatchObject({ code: "BATCH_NOT_READY" });
  expect([hasEnded(fields()), fields()["setThreads"], events]).toEqual([true, undefined, []]);
});

test("a batch that is over has no turn any more, and its job the usual number of threads", async () => {
  const { steers, batches, events } = running();
  batches.get("01A").settings = { threads: 4 };
  steers.fit("01A");
  batches.get("01A").over = true;
  steers.fit("01A");
  steers.fit("01B");
  expect(events).toEqual([
    ["resize", "job.ts", 4],
    "change",
    ["forget", "01A"],
    ["resize", "job.ts", null],
    "change",
  ]);
});

test("a batch whose job file is not known has no threads to change", () => {
  const { steers, events } = running({ jobFile: null });
  steers.fit("01A");
  expect(events).toEqual(["change"]);
});
