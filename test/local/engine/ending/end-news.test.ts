/** The end of a batch on one machine: webhooks, also those that an earlier owner of the directory left. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { receiver, SECRET, verified } from "../../../webhooks/receiver.ts";
import { bench, numbers, specFor } from "../engines.ts";
import type { Bench } from "../engines.ts";
import type { Engine } from "../../../../src/local/engine/engine.ts";

function telling(url: string): string {
  return numbers(
    10,
    undefined,
    `onEnd: { webhooks: ["${url}"], secret: "${SECRET}", privateWebhooks: true }`,
  );
}

async function ended(at: Bench, file: string): Promise<Engine> {
  const engine = await at.open();
  const job = await engine.load(file);
  await engine.submit({ ...specFor(job), ...(job.onEnd ? { tells: true } : {}) });
  await engine.finished("01A");
  return engine;
}

async function record(engine: Engine): Promise<object> {
  const [fields] = await engine.ledger.read(["batch/01A"]);
  return fields ?? {};
}

test("the job's webhook is told of the end, once", async () => {
  const to = await receiver();
  const at = bench();
  const engine = await ended(at, at.write("job.ts", telling(to.url)));
  expect(await engine.told(30_000)).toEqual([]);
  expect(to.received.map(verified)).toMatchObject([
    { type: "batch.ended", data: { batch: "01A", state: "succeeded", items: { succeeded: 10 } } },
  ]);
  expect(await record(engine)).not.toHaveProperty("open");
  await engine.stop();
  const second = await at.open();
  await second.load(at.path("job.ts"));
  expect(await second.told(30_000)).toEqual([]);
  expect(to.received).toHaveLength(1);
});

test("neither the URL nor the secret is written to the directory", async () => {
  const to = await receiver(() => 500);
  const at = bench();
  const engine = await ended(at, at.write("job.ts", telling(to.url)));
  await engine.told(1);
  await engine.stop();
  const stored = readFileSync(at.path("state", "state.db")).toString("latin1");
  expect(stored).toContain('"tells":true');
  expect(stored).not.toContain(SECRET);
  expect(stored).not.toContain("/hook");
});

test("what an owner could not tell, the next one with the same job tells, under the same id", async () => {
  const to = await receiver((n) => (n === 1 ? 500 : 200));
  const at = bench();
  const file = at.write("job.ts", telling(to.url));
  const first = await ended(at, file);
  // Its second round is due after 5 s.
  expect(await first.told(1000)).toEqual([
    { batch: "01A", channels: [`the webhook at 127.0.0.1:${to.port}`] },
  ]);
  await first.stop();
  expect(at.log.map(({ message }) => message)).toEqual([
    `the webhook at 127.0.0.1:${to.port} could not be told: the answer was 500 (batch 01A)`,
  ]);
  const other = await at.open();
  await other.load(at.write("other.ts", numbers(3)));
  expect(await other.told(30_000)).toEqual([]);
  expect(to.received).toHaveLength(1);
  await other.stop();
  const next = await at.open();
  await next.load(file);
  expect(await next.told(30_000)).toEqual([]);
  expect(new Set(to.received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set(["msg_01A_0"]));
  expect(to.received).toHaveLength(2);
  expect(await record(next)).not.toHaveProperty("news");
});

test("a stop ends an attempt that gets no answer, and the next owner makes it again", async () => {
  const to = await receiver((n) => (n === 1 ? null : 200));
  const at = bench();
  const file = at.write("job.ts", telling(to.url));
  const first = await ended(at, file);
  await to.arrived(1);
  await first.stop();
  const next = await at.open();
  await next.load(file);
  expect(await next.told(30_000)).toEqual([]);
  expect(to.received).toHaveLength(2);
});

test("a batch that was resumed tells of its end", async () => {
  const to = await receiver();
  const at = bench();
  const file = at.write("job.ts", telling(to.url));
  const first = await at.open();
  const job = await first.load(file);
  await first.submit({ ...specFor(job), tells: true });
  await first.pause("01A");
  await first.stop();
  const next = await at.open();
  await next.resume("01A");
  await next.finished("01A");
  expect(await next.told(30_000)).toEqual([]);
  expect(to.received).toHaveLength(1);
});

test("a removed batch is no news any more", async () => {
  const to = await receiver(() => 500);
  const at = bench();
  const file = at.write("job.ts", telling(to.url));
  const engine = await ended(at, file);
  await engine.told(1000);
  await engine.remove("01A");
  await engine.stop();
  const next = await at.open();
  await next.load(file);
  expect(await next.told(30_000)).toEqual([]);
  expect(to.received).toHaveLength(1);
});

test("an owner that stops while a batch is at work waits for no news", async () => {
  const to = await receiver(() => 500);
  const at = bench();
  const engine = await ended(at, at.write("job.ts", telling(to.url)));
  const job = await engine.load(at.write("long.ts", numbers(3, "() => new Promise(() => {})")));
  await engine.submit(specFor(job, { batch: "01B" }));
  expect(await engine.told(30_000)).toEqual([]);
  expect(await record(engine)).toHaveProperty("open");
});
