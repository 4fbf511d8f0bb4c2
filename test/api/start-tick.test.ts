/** Batches of a schedule: one for each time, and what happens while the last one runs. */
import { expect, test } from "vitest";
import { startTick } from "../../src/api/start-tick.ts";
import type { Tick } from "../../src/api/start-tick.ts";
import { allBatches } from "../../src/batch/list.ts";
import { countingJob, lineJob } from "../steps/jobs.ts";
import { apiStage } from "./api-stage.ts";
import type { ApiStage } from "./api-stage.ts";

const MINUTE_MS = 60_000;
const NIGHT = Date.UTC(2026, 10, 30, 3);
const DAY_MS = 24 * 60 * MINUTE_MS;

function tickAt(at: number, more: Partial<Tick> = {}): Tick {
  return { job: "counting", at, params: null, input: null, overlap: "skip", ...more };
}

async function batches({ host }: ApiStage): Promise<string[]> {
  const found: string[] = [];
  for await (const { batch } of allBatches(host.ledger)) found.push(batch);
  return found;
}

test("a time is one batch, however often it is asked for", async () => {
  const api = await apiStage(countingJob(10));
  const first = await startTick(api.host, tickAt(NIGHT));
  const again = await startTick(api.host, tickAt(NIGHT));
  expect(again).toEqual(first);
  await api.stage.pump();
  expect(await startTick(api.host, tickAt(NIGHT))).toEqual(first);
  expect(await batches(api)).toHaveLength(1);
});

test("a time at which the last batch runs is skipped, and the next one is not", async () => {
  const api = await apiStage(countingJob(10));
  const first = await startTick(api.host, tickAt(NIGHT));
  const second = await startTick(api.host, tickAt(NIGHT + DAY_MS));
  expect(second).toEqual({ skipped: "batch" in first ? first.batch : "" });
  await api.stage.pump();
  expect(await startTick(api.host, tickAt(NIGHT + 2 * DAY_MS))).toHaveProperty("batch");
  expect(await batches(api)).toHaveLength(2);
});

test("with queue, times wait for the last batch, and start in their order", async () => {
  const api = await apiStage(countingJob(10));
  const queued = (days: number): Tick => tickAt(NIGHT + days * DAY_MS, { overlap: "queue" });
  await startTick(api.host, queued(0));
  expect(await startTick(api.host, queued(1))).toEqual({ waits: true });
  expect(await startTick(api.host, queued(2))).toEqual({ waits: true });
  await api.stage.pump();
  expect(await startTick(api.host, queued(2))).toEqual({ waits: true });
  expect(await startTick(api.host, queued(1))).toHaveProperty("batch");
  expect(await startTick(api.host, queued(2))).toEqual({ waits: true });
  await api.stage.pump();
  expect(await startTick(api.host, queued(2))).toHaveProperty("batch");
  expect(await batches(api)).toHaveLength(3);
});

test("a process that died while it started a batch holds up the next one for a minute, and its own is not lost", async () => {
  const api = await apiStage(countingJob(10));
  const dying = { ...api.host, submit: () => new Promise<void>(() => {}) };
  void startTick(dying, tickAt(NIGHT));
  await new Promise(setImmediate);
  expect(await startTick(api.host, tickAt(NIGHT))).toEqual({ waits: true });
  const later = { ...api.host, now: () => api.host.now() + MINUTE_MS };
  expect(await startTick(later, tickAt(NIGHT))).toHaveProperty("batch");
  expect(await batches(api)).toHaveLength(1);
});

test("params and an input are those of a request", async () => {
  const api = await apiStage(lineJob());
  const input = { object: api.put("inputs/a.txt", "one\ntwo\n") };
  const tick = tickAt(NIGHT, { job: "line-job", input, params: { day: 1 } });
  const started = await startTick(api.host, tick);
  await api.stage.pump();
  const [batch = ""] = await batches(api);
  expect(started).toEqual({ batch });
  const [fields] = await api.host.ledger.read([`batch/${batch}`]);
  expect(fields).toMatchObject({ params: { day: 1 }, totals: { succeeded: 2 } });
});

test("a time whose batch cannot be started says why, and holds up no other one", async () => {
  const api = await apiStage(lineJob());
  const gone = tickAt(NIGHT, { job: "line-job", overlap: "queue", input: { object: "s3://ours/inputs/no" } });
  await expect(startTick(api.host, gone)).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  const input = { object: api.put("inputs/a.txt", "one\n") };
  const next = tickAt(NIGHT + DAY_MS, { job: "line-job", overlap: "queue", input });
  expect(await startTick(api.host, next)).toHaveProperty("batch");
});
