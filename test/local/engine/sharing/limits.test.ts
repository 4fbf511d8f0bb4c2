import { expect, test } from "vitest";
import { limitRecordKey } from "../../../../src/core/limits/rate-limit.ts";
import { bench, numbers, specFor } from "../engines.ts";
import { begin, until, upTo, valueOf } from "../batches-run.ts";
import { mostInASecond } from "../../../most-in-a-second.ts";
import { limitedService } from "./limited-service.ts";

const CALL = `async (n, { params, signal }) => {
  const response = await fetch(params.url, { signal });
  await response.text();
  if (!response.ok) throw Object.assign(new Error("status " + response.status), { status: response.status, headers: response.headers });
  return n;
}`;

test("two threads together keep a rate limit, and lose no item", async () => {
  const at = bench();
  const { url, times } = await limitedService();
  const limit = "concurrency: 8, rateLimit: { perSecond: 50, burst: 5 }";
  const engine = await begin(at, numbers(150, CALL, limit), { items: 10, params: { url } });
  const fields = await engine.finished("01A");
  expect(valueOf(fields)).toEqual(upTo(150));
  expect(times).toHaveLength(150);
  // Three seconds' calls, of which a second's may arrive together where the machine stalls. The exact ceiling
  // is measured where calls begin (below), and in a time of its own (`test/steps/limiting`).
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1900);
  expect(mostInASecond(times)).toBeLessThanOrEqual(110);
});

test("items that do not wait for anything keep a rate limit, too", async () => {
  const at = bench();
  const job = numbers(60, "() => Date.now()", "rateLimit: { perSecond: 40, burst: 1 }").replace(
    "order, sum: sum()",
    "order",
  );
  const engine = await begin(at, job, { items: 10 });
  const { order } = valueOf(await engine.finished("01A"));
  const times = order.split(",").slice(0, -1).map(Number);
  expect(times).toHaveLength(60);
  expect(mostInASecond(times)).toBeLessThanOrEqual(40 + 1 + 4);
});

test("a second batch, and a second start, go on where the calls of the first one end", async () => {
  const at = bench();
  const { url, times } = await limitedService();
  const job = at.write(
    "job.ts",
    numbers(30, CALL, "concurrency: 30, rateLimit: { perSecond: 30, burst: 30 }"),
  );
  for (const batch of ["01A", "01B"]) {
    const engine = await at.open(1);
    await engine.submit(specFor(await engine.load(job), { batch, items: 30, params: { url } }));
    await engine.finished(batch);
    await engine.stop();
  }
  expect(times).toHaveLength(60);
  // Both bursts at once would be 60 calls without any second between them.
  const span = Math.max(...times) - Math.min(...times);
  expect(span).toBeGreaterThan(700);
});

test("an answer with Retry-After is waited for, does not count as a try, and the other items go on", async () => {
  const at = bench();
  const { url, times } = await limitedService((n, response) => {
    // The first call only.
    if (n === 1) response.writeHead(429, { "Retry-After": "1" });
    response.end();
  });
  const engine = await begin(at, numbers(20, CALL), { items: 20, params: { url } }, 1);
  const fields = await engine.finished("01A");
  expect(valueOf(fields)).toEqual(upTo(20));
  expect(times).toHaveLength(21);
  // One thread, one item at a time: the others did not wait for the first.
  const [first = 0, ...others] = times;
  const last = others.pop() ?? 0;
  expect(last - first).toBeGreaterThanOrEqual(990);
  expect(Math.max(...others)).toBeLessThan(last);
});

test("under a rate limit a Retry-After is a pause for everybody", async () => {
  const at = bench();
  const { url, times } = await limitedService((n, response) => {
    if (n === 1) response.writeHead(503, { "Retry-After": "2" });
    response.end();
  });
  const limit = "rateLimit: { perSecond: 10, burst: 1 }";
  const engine = await begin(at, numbers(8, CALL, limit), { items: 4, params: { url } });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(8));
  const [first = 0] = times;
  // Calls that were given away before the answer came may still be made.
  const early = times.filter((time) => time - first < 1900);
  expect(early.length).toBeLessThanOrEqual(3);
  expect(times).toHaveLength(9);
});

test("the limit is one record of its job, which outlives the batch", async () => {
  const at = bench();
  const engine = await begin(at, numbers(5, "(n) => n", "rateLimit: { perSecond: 1000 }"));
  await engine.finished("01A");
  const [record] = await engine.ledger.read([limitRecordKey("numbers", null)]);
  expect(record).toEqual({ tat: expect.any(Number) as number });
});

test("a rate that is raised while the batch runs is the new rate", async () => {
  const at = bench();
  const engine = await begin(at, numbers(200, "(n) => n", "rateLimit: { perSecond: 1 }"), { items: 10 });
  // With the job's rate this would take more than three minutes.
  await engine.set("01A", { perSecond: 5000 });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(200));
});

test("a batch without a rate limit gets one from its next chunk on", async () => {
  const at = bench();
  const held: (() => void)[] = [];
  const { url } = await limitedService((n, response) => {
    if (n === 1) held.push(() => void response.end("ok"));
    else response.end("ok");
  });
  const engine = await begin(at, numbers(20, CALL), { items: 1, params: { url } }, 1);
  await until(() => held.length > 0);
  await engine.set("01A", { perSecond: 5000 });
  for (const answer of held) answer();
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(20));
  const [record] = await engine.ledger.read([limitRecordKey("numbers", null)]);
  expect(record).toEqual({ tat: expect.any(Number) as number });
});

test("an automatic limit finds out how many calls a service takes, and few are refused", async () => {
  const at = bench();
  let open = 0;
  const { url, times } = await limitedService((_, response) => {
    const isRefused = open >= 16;
    if (isRefused) return void response.writeHead(429).end();
    open++;
    response.on("close", () => open--);
    setTimeout(() => response.end("ok"), 10);
  });
  const limit = 'concurrency: 64, rateLimit: "auto"';
  const job = numbers(1000, CALL, limit).replace(
    "retries: 0",
    "retries: { limit: 99, baseMs: 10, maxMs: 10 }",
  );
  const engine = await begin(at, job, { items: 50, params: { url } });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(1000));
  // Without a limit it is more than two calls for each item.
  expect(times.length).toBeLessThan(1700);
});
