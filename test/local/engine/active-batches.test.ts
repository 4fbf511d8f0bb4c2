import { expect, test } from "vitest";
import { ActiveBatches } from "../../../src/local/engine/active-batches.ts";
import { specFields } from "../../../src/batch/spec.ts";
import { journalKey } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { RANGE_SPEC as SPEC } from "./range-spec.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

test("a batch waits for each of its joins, also for one that fails", async () => {
  const batches = new ActiveBatches();
  batches.open(SPEC);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = [
    batches.join("01A", () => first.promise),
    batches.join("01A", () => second.promise).catch((error: unknown) => String(error)),
  ];
  let joined = false;
  const waiting = batches.joined("01A").then(() => (joined = true));
  first.resolve();
  await runs[0];
  expect(joined).toBe(false);
  second.reject(new Error("no"));
  await waiting;
  expect(await runs[1]).toBe("Error: no");
  await batches.joined("01A");
  expect(batches.get("01A").joins.size).toBe(0);
});

test("a join of a batch that is not worked on here is run, and nobody waits for it", async () => {
  const batches = new ActiveBatches();
  let ran = 0;
  await batches.join("01A", async () => void ran++);
  await batches.joined("01A");
  expect(ran).toBe(1);
});

test("only a batch that has a record is restored", async () => {
  const batches = new ActiveBatches();
  const ledger = memoryLedger();
  expect(await batches.restore(ledger, "01A")).toBeNull();
  expect(batches.ids()).toEqual([]);
  ledger.records.set("batch/01A", { ...specFields(SPEC), generation: 0 });
  expect(await batches.restore(ledger, "01A")).toMatchObject({ job: "job" });
  expect(batches.ids()).toEqual(["01A"]);
});

test("a batch is restored as it was left: with its totals, its pause and what was set", async () => {
  const batches = new ActiveBatches();
  const ledger = memoryLedger();
  // A redrive: its record has the totals of the run before.
  const totals = { ...NO_TOTALS, chunks: 1, succeeded: 3, failed: 2 };
  const record = { ...specFields(SPEC), generation: 1, totals, paused: 1, setThreads: 5 };
  ledger.records.set("batch/01A", record);
  await batches.restore(ledger, "01A");
  expect(batches.get("01A")).toMatchObject({ paused: true, settings: { threads: 5 }, interrupted: false });
  expect(batches.progress("01A").totals).toMatchObject({ chunks: 1, succeeded: 3 });
  expect(batches.progress("01A")).toMatchObject({ failedBefore: 2, paused: true });
  // Of one that has ended, the record says all, and its tree may be gone.
  ledger.records.set("batch/01B", { ...record, endedAt: 2 });
  const keys: string[] = [];
  const read: typeof ledger.read = (asked) => (keys.push(...asked), ledger.read(asked));
  expect(await batches.restore({ read }, "01B")).toMatchObject({ endedAt: 2 });
  expect(keys).toEqual(["batch/01B"]);
});

test("a batch is looked after until its end is told, or cannot be", () => {
  const batches = new ActiveBatches();
  for (const batch of ["01A", "01B"]) batches.open({ ...SPEC, batch });
  batches.get("01A").over = true;
  expect(batches.unended()).toEqual(["01B"]);
  batches.get("01B").interrupted = true;
  expect(["01A", "01B", "01C"].filter((batch) => batches.isInterrupted(batch))).toEqual(["01B"]);
  expect(batches.ids()).toEqual(["01A", "01B"]);
});

test("a job has as many threads as the most that a batch of it wants, until that one is over", () => {
  const batches = new ActiveBatches();
  expect(batches.threadsWanted("job.ts")).toBeNull();
  for (const [batch, jobFile, threads] of [
    ["01A", "job.ts", 3],
    ["01B", "job.ts", 5],
    ["01C", "job.ts", undefined],
    ["01D", "other.ts", 9],
  ] as const) {
    batches.open({ ...SPEC, batch, jobFile });
    if (threads !== undefined) batches.get(batch).settings = { threads };
  }
  expect(batches.idsOfJob("job.ts")).toEqual(["01A", "01B", "01C"]);
  expect(batches.threadsWanted("job.ts")).toBe(5);
  batches.get("01B").over = true;
  expect(batches.threadsWanted("job.ts")).toBe(3);
  batches.forget("01A");
  expect(batches.threadsWanted("job.ts")).toBeNull();
});

test("progress has the size of the input, but for a redrive and for text that was spooled", () => {
  const chunk: ChunkMessage = {
    kind: "chunk",
    batch: "01A",
    generation: 0,
    chunk: 1,
    attempt: 1,
    source: 0,
    start: 0,
    end: 2,
  };
  const spool = { name: "spool", offset: 0, length: 9, base: 0 };
  const batches = new ActiveBatches();
  batches.open(SPEC);
  batches.addSettled("01A", { ...NO_TOTALS, succeeded: 2 });
  batches.addSettled("01A", { ...NO_TOTALS, succeeded: 1 });
  batches.addSettled("01B", { ...NO_TOTALS, succeeded: 1 });
  batches.noteSource(chunk);
  batches.notePause("01A", true);
  batches.notePause("01B", true);
  expect(batches.progress("01A")).toMatchObject({ units: 4, paused: true, totals: { succeeded: 3 } });
  batches.get("01A").failedBefore = 0;
  expect(batches.progress("01A")).toMatchObject({ units: null, failedBefore: 0 });
  batches.get("01A").failedBefore = null;
  batches.noteSource({ ...chunk, spool });
  batches.noteSource({ ...chunk, batch: "01B", spool });
  expect(batches.progress("01A").units).toBeNull();
  expect(() => batches.progress("01B")).toThrow(
    expect.objectContaining({
      code: "BATCH_UNKNOWN",
      message: "batch 01B is not being worked on here",
    }) as Error,
  );
});

test("a chunk under which a process died is a suspect, and no other", () => {
  const batches = new ActiveBatches();
  const chunk = { batch: "01A", generation: 0, chunk: 1 };
  const isSuspect = (one: typeof chunk): boolean => batches.isSuspect(one as ChunkMessage);
  expect(isSuspect(chunk)).toBe(false);
  batches.suspect([journalKey(chunk)]);
  expect([isSuspect(chunk), isSuspect({ ...chunk, chunk: 2 })]).toEqual([true, false]);
});

test("who awaits the end of a batch is told when the engine fails", async () => {
  const batches = new ActiveBatches();
  const { ended } = batches.open(SPEC);
  expect(batches.open(SPEC).ended).toBe(ended);
  batches.fail(new Error("the disk is full"));
  await expect(ended.promise).rejects.toThrow("the disk is full");
});
