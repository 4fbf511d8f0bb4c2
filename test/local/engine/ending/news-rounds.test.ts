/** The rounds in which the end of a batch is told, in a time that the test moves. */
import { expect, onTestFinished, test, vi } from "vitest";
import { batchKey } from "../../../../src/core/records/batch/batch.ts";
import { EndNews } from "../../../../src/local/engine/end-news.ts";
import type { LogEntry } from "../../../../src/local/engine/engine.ts";
import { countingJob } from "../../../steps/jobs.ts";
import { stage } from "../../../steps/stage.ts";
import { BATCH } from "../../../steps/stage-spec.ts";
import { receiver } from "../../../webhooks/receiver.ts";
import type { Answer } from "../../../webhooks/receiver.ts";

const FILE = "job.ts";

/** A batch that has ended, and its job, which tells one webhook. Its rounds begin with `begin`. */
async function untold(answer?: Answer) {
  const to = await receiver(answer);
  const one = await stage({ job: countingJob(2) });
  await one.submit();
  await one.pump();
  const key = batchKey(BATCH);
  one.ledger.records.set(key, { ...one.batch(), jobFile: FILE, news: { tries: 0, at: 0, told: [] } });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const log: LogEntry[] = [];
  const news = new EndNews({
    ports: () => one.ports,
    committed: async () => undefined,
    onLog: (entry) => void log.push(entry),
  });
  await news.learn(FILE, { webhooks: [to.url], secret: null, privateWebhooks: true });
  return {
    to,
    one,
    news,
    log,
    begin: () => news.begin(BATCH, one.batch()),
    /** Moves the clock and the timers. */
    async after(ms: number): Promise<void> {
      one.clock.advance(ms);
      await vi.advanceTimersByTimeAsync(ms);
    },
    /** Waits for so many milliseconds at most. Resolves with the news that are left then. */
    over: (ms: number) => news.over(one.clock.now() + ms),
  };
}

test("a round that failed is made again after five seconds, and awaited by those who have the time", async () => {
  const it = await untold((n) => (n === 1 ? 500 : 204));
  it.begin();
  const left = { batch: BATCH, channels: [`the webhook at 127.0.0.1:${it.to.port}`] };
  expect(await it.over(5000)).toEqual([left]);
  expect(it.to.received).toHaveLength(1);
  let told: unknown = null;
  const waiting = it.over(5001).then((news) => (told = news));
  let looks = 0;
  it.one.hook = () => void looks++;
  await it.after(4999);
  // Until then it does not even look.
  expect([told, it.to.received.length, looks]).toEqual([null, 1, 0]);
  await it.after(1);
  await it.to.arrived(2);
  await waiting;
  expect(told).toEqual([]);
  expect(it.one.batch()).not.toHaveProperty("news");
});

test("who has no time left is told at once what is still to be told, also of a round that runs", async () => {
  const it = await untold(() => null);
  it.begin();
  await it.to.arrived(1);
  const left = [{ batch: BATCH, channels: [`the webhook at 127.0.0.1:${it.to.port}`] }];
  expect(await it.over(0)).toEqual(left);
  expect(await it.over(-1000)).toEqual(left);
  await it.news.stop();
});

test("a batch whose end is noticed twice is told of once", async () => {
  const it = await untold();
  it.begin();
  it.begin();
  expect(await it.over(60_000)).toEqual([]);
  expect(it.to.received).toHaveLength(1);
  it.begin();
  expect(await it.over(60_000)).toEqual([]);
  expect(it.to.received).toHaveLength(1);
});

test("a job that was not loaded tells of nothing, and one that tells nobody is done at once", async () => {
  const it = await untold();
  it.news.begin(BATCH, { ...it.one.batch(), jobFile: "other.ts" });
  expect(await it.over(60_000)).toEqual([]);
  expect(it.one.batch()).toHaveProperty("news");
  await it.news.learn(FILE, null);
  it.begin();
  expect(await it.over(60_000)).toEqual([]);
  expect([it.one.batch()["news"], it.to.received]).toEqual([undefined, []]);
});

test("after a stop no round begins, and no timer is left", async () => {
  const it = await untold(() => 500);
  it.begin();
  await it.over(1);
  await it.to.arrived(1);
  await it.over(1000);
  expect(vi.getTimerCount()).toBe(1);
  await it.news.stop();
  expect(vi.getTimerCount()).toBe(0);
  await it.after(60_000);
  expect(it.to.received).toHaveLength(1);
  expect(it.one.batch()).toHaveProperty("news");
});

test("a round that the ledger breaks off is left to the next owner, and the log says so", async () => {
  const it = await untold();
  it.one.hook = ({ port }) => {
    if (port === "ledger") throw new Error("the disk is full");
  };
  it.begin();
  expect(await it.over(60_000)).toEqual([]);
  expect(it.log).toMatchObject([
    { level: "warn", message: `the end of batch ${BATCH} could not be told: the disk is full` },
  ]);
  expect(it.to.received).toEqual([]);
});

test("a job that is loaded again does not look for what was left once more", async () => {
  const it = await untold(() => 500);
  let lists = 0;
  it.one.hook = ({ method }, when) => {
    if (method === "list" && when === "before") lists++;
  };
  await it.news.learn(FILE, null);
  expect(lists).toBe(0);
  await it.news.learn("other.ts", null);
  expect(lists).toBeGreaterThan(0);
});
