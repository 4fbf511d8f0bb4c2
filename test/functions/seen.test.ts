/** What the API of a deployed stack shows of a batch, also while its chunks run. */
import type { APIGatewayProxyEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { apiHandler } from "../../functions/api.ts";
import type { BatchSnapshot } from "../../src/api/live/snapshot.ts";
import type { BatchHistory } from "../../src/core/history/history.ts";
import { range } from "../../src/input/range.ts";
import { count } from "../../src/joins/exact/count.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { integers } from "./stack/inputs.ts";
import { SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { readSample } from "./stack/sample-events.ts";
import { DIED } from "./stack/stack-interface.ts";
import type { Stack } from "./stack/stack-interface.ts";

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What a job does with an item. */
interface Deed {
  readonly stack: Stack;
  readonly n: number;
}

function jobOf(deed: (one: Deed) => Promise<void> | void): { readonly job: Job; readonly stack: Stack } {
  const job = defineJob({
    name: "counting",
    input: range(0),
    join: count(),
    retries: 0,
    async process(n: number) {
      await deed({ stack, n });
      return n;
    },
  });
  const stack = memoryStack([job]);
  return { job, stack };
}

async function ask(stack: Stack, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const event = readSample("api-list") as APIGatewayProxyEvent;
  const [name = "", query = ""] = path.split("?");
  const answer = await stack.invoke(apiHandler, {
    ...event,
    resource: name,
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    multiValueQueryStringParameters: null,
  });
  if (answer === DIED) throw new Error("it died");
  return { status: answer.statusCode, body: answer.body };
}

async function snapshotOf(stack: Stack): Promise<BatchSnapshot> {
  const { status, body } = await ask(stack, `/batches/${SAMPLE_BATCH}/events`);
  expect(status).toBe(200);
  const [, data = ""] = body.split("event: snapshot\ndata: ");
  return JSON.parse(data.split("\n")[0] ?? "") as BatchSnapshot;
}

async function historyOf(stack: Stack): Promise<BatchHistory> {
  const { status, body } = await ask(stack, `/batches/${SAMPLE_BATCH}/history`);
  expect(status).toBe(200);
  return JSON.parse(body) as BatchHistory;
}

const sum = (points: readonly (number | null)[] = []): number =>
  points.reduce<number>((all, one) => all + (one ?? 0), 0);

test("a small batch is seen while it runs: rates, workers, times of items, groups of failed items", async () => {
  let seen: BatchSnapshot | undefined;
  const { stack } = jobOf(async ({ stack: running, n }) => {
    running.clock.advance(100);
    // The chunks of the first invocation are settled.
    if (n === 60) seen = await snapshotOf(running);
    if (n % 10 === 3) throw new Error(`the service said ${n % 20}`);
  });
  await stack.submit(integers(100), { chunk: { items: 5, bytes: null } });
  await stack.pump();
  expect(seen?.summary).toMatchObject({ items: { succeeded: 45, failed: 5 }, endedAt: null });
  expect(seen?.history?.points.done.length).toBeGreaterThan(5);
  expect(sum(seen?.history?.points.done)).toBe(50);
  expect(sum(seen?.history?.points.failed)).toBe(5);
  // How long the work took is measured, and nothing here takes long.
  expect(seen?.history?.points.inFlight.every((workers) => workers !== null)).toBe(true);
  expect(seen?.history?.latency).toMatchObject({ count: 50 });
  expect(seen?.failures).toMatchObject({
    of: 5,
    groups: [
      { count: 3, message: "the service said 3", items: [{ item: "3" }, { item: "23" }, { item: "43" }] },
      { count: 2, message: "the service said 13" },
    ],
  });
  const ended = await snapshotOf(stack);
  expect(ended.failures.groups.map(({ id, count: all }) => ({ id, all }))).toEqual([
    { id: seen?.failures.groups[0]?.id, all: 5 },
    { id: seen?.failures.groups[1]?.id, all: 5 },
  ]);
  const history = await historyOf(stack);
  expect(history).toEqual(ended.history);
  expect([sum(history.points.done), sum(history.points.failed), history.counts.settled]).toEqual([
    100, 10, 20,
  ]);
  expect(history.latency).toMatchObject({ count: 100 });
  // All of it came with settles.
  expect([...stack.ledger.records.keys()].filter((key) => key.startsWith("history/"))).toEqual([]);
});

test("a group of failed items is paged through while the batch runs", async () => {
  const pages: string[] = [];
  const { stack } = jobOf(async ({ stack: running, n }) => {
    if (n < 60) throw new Error("none is taken");
    if (n !== 60) return;
    const [group] = (await snapshotOf(running)).failures.groups;
    const path = `/batches/${SAMPLE_BATCH}/failed?group=${group?.id}&limit=30`;
    for (let after: string | null = ""; after !== null;) {
      const { body } = await ask(running, `${path}&after=${after}`);
      const page = JSON.parse(body) as { readonly items: readonly { item: string }[]; cursor: string | null };
      pages.push(page.items.map(({ item }) => item).join(" "));
      after = page.cursor;
    }
  });
  await stack.submit(integers(100), { chunk: { items: 5, bytes: null } });
  await stack.pump();
  const numbers = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, n) => from + n).join(" ");
  expect(pages).toEqual([numbers(0, 30), numbers(30, 50)]);
});

test("a batch of several leaves has a write for each of them, and is whole in its history", async () => {
  const { stack } = jobOf(({ stack: running }) => running.clock.advance(40));
  await stack.submit(integers(2500), { chunk: { items: 10, bytes: null } });
  await stack.pump();
  const history = await historyOf(stack);
  expect(sum(history.points.done)).toBe(2500);
  expect(history.counts.settled).toBe(250);
  expect(history.latency?.p50).toBeGreaterThan(0);
  // Items take the same time: without what the leaves tell of it, there would be three peaks.
  const whole = history.points.done.slice(1, -2);
  expect(whole.length).toBeGreaterThan(40);
  expect(Math.max(...whole)).toBeLessThan(3 * (2500 / history.points.done.length));
  const written = [...stack.ledger.records].filter(([key]) => key.startsWith("history/"));
  const leaves = written.reduce(
    (all, [, fields]) => all + Object.keys(fields).filter((name) => name.startsWith("c")).length,
    0,
  );
  expect(leaves).toBe(3);
});

test("a redrive shows what runs again, and what fails again", async () => {
  let isMended = false;
  let seen: BatchSnapshot | undefined;
  const { stack } = jobOf(async ({ stack: running, n }) => {
    running.clock.advance(50);
    if (isMended && n === 63) seen = await snapshotOf(running);
    if (n % 10 === 3 && (!isMended || n === 13)) throw new Error("no threes");
  });
  await stack.submit(integers(100), { chunk: { items: 5, bytes: null } });
  await stack.pump();
  isMended = true;
  await redrive(stack.ports, SAMPLE_BATCH, null);
  await stack.pump();
  expect(stack.batch()["state"]).toBe("completed-with-failures");
  // All ten chunks came in one invocation.
  expect(seen?.failures).toEqual({ groups: [], others: 0, of: 0 });
  const history = await historyOf(stack);
  expect(sum(history.points.done)).toBe(9);
});
