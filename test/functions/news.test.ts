/** The end of a batch on a stack: events, and webhooks by the job's join function. */
import { expect, test } from "vitest";
import type { Job } from "../../src/job/job.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { remove } from "../../src/batch/steering/remove.ts";
import { cancel } from "../../src/batch/submit.ts";
import { countingJob } from "../steps/jobs.ts";
import { SECRET, receiver, signed } from "../webhooks/receiver.ts";
import { SAMPLE_BATCH, memoryStack, sweep } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";
import type { Stack } from "./stack/stack-interface.ts";

const TELLS = { tells: true } as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function ended(job: Job): Promise<Stack> {
  const stack = memoryStack([job]);
  await stack.submit(integers(10), TELLS);
  await stack.pump();
  return stack;
}

/** The event bus refuses the next `times` events. */
function failing(stack: Stack, times: number): void {
  let left = times;
  Object.assign(stack.host, {
    putEvent: async (detail: Stack["events"][number]) => {
      if (left-- > 0) throw new Error("throttled");
      stack.events.push(detail);
    },
  });
}

function messages(stack: Stack): string[] {
  return stack.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
}

test("an end is one event, with the summary and no results, and its batch is no longer open", async () => {
  const stack = await ended(countingJob(10, (n: number) => (n === 3 ? Promise.reject(new Error("no")) : n)));
  expect(stack.events).toEqual([
    {
      batch: SAMPLE_BATCH,
      job: "counting",
      generation: 0,
      state: "completed-with-failures",
      items: { total: 10, succeeded: 9, failed: 1, skipped: 0 },
      chunks: { total: 10, settled: 10, skipped: 0 },
      damaged: 0,
      createdAt: "2026-01-01T00:00:00.000Z",
      endedAt: "2026-01-01T00:00:00.000Z",
      seconds: 0,
      error: null,
      stack: "shop",
    },
  ]);
  expect(stack.batch()).not.toHaveProperty("open");
  expect(stack.batch()).not.toHaveProperty("news");
});

test("webhooks of the job get the same, signed, beside the event", async () => {
  const to = await receiver();
  const onEnd = { webhooks: [to.url], secret: SECRET, privateWebhooks: true };
  const stack = await ended(countingJob(10, undefined, { onEnd }));
  expect(to.received.map(signed)).toEqual([
    { type: "batch.ended", timestamp: "2026-01-01T00:00:00.000Z", data: stack.events[0] },
  ]);
  expect(JSON.stringify([...stack.ledger.records])).not.toContain(SECRET);
  expect(JSON.stringify([...stack.ledger.records])).not.toContain(to.url);
});

test("who was told is not told again while others are tried again", async () => {
  const to = await receiver((n) => (n < 3 ? 503 : 200));
  const onEnd = { webhooks: [to.url], secret: SECRET, privateWebhooks: true };
  const stack = await ended(countingJob(10, undefined, { onEnd }));
  expect(stack.events).toHaveLength(1);
  const ids = to.received.map(({ headers }) => headers["webhook-id"]);
  expect(ids).toEqual(Array(3).fill(`msg_${SAMPLE_BATCH}_0`));
  expect(messages(stack)).toEqual(
    Array(2).fill(`the webhook at 127.0.0.1:${to.port} could not be told: the answer was 503`),
  );
  expect(stack.batch()).not.toHaveProperty("news");
});

test("an event that the bus refuses is put again after 5 s, 15 s and 5 minutes, then by the sweeper", async () => {
  const stack = memoryStack([countingJob(10)]);
  failing(stack, 5);
  await stack.submit(integers(10), TELLS);
  const from = stack.clock.now();
  await stack.pump();
  expect(stack.clock.now() - from).toBe((5 + 15 + 300) * 1000);
  expect(stack.batch()).toMatchObject({ open: "batch", news: { tries: 4 } });
  for (let minute = 0; minute < 33; minute++) {
    expect(stack.events).toHaveLength(0);
    stack.clock.advance(MINUTE_MS);
    await sweep(stack);
    await stack.pump();
  }
  stack.clock.advance(2 * HOUR_MS);
  await sweep(stack);
  await stack.pump();
  expect(stack.events).toHaveLength(1);
});

test("an event that cannot be put for a day is given up, and the log says so", async () => {
  const stack = memoryStack([countingJob(10)]);
  failing(stack, Infinity);
  await stack.submit(integers(10), TELLS);
  for (let hour = 0; hour < 40; hour++) {
    await stack.pump();
    stack.clock.advance(HOUR_MS);
    await sweep(stack);
  }
  expect(messages(stack).at(-1)).toBe("the event bus was not told of the end of the batch: given up");
  expect(stack.batch()).not.toHaveProperty("open");
});

test("a crash between the end and its news loses neither event nor webhook", async () => {
  const to = await receiver();
  const onEnd = { webhooks: [to.url], secret: SECRET, privateWebhooks: true };
  const stack = memoryStack([countingJob(10, undefined, { onEnd })]);
  // The function dies after the commit: its message of the news is never sent.
  const { queue } = stack.ports;
  const send = queue.send.bind(queue);
  Object.assign(queue, {
    async send(...[name, sent, options]: Parameters<typeof send>) {
      if (sent.some(({ kind }) => kind === "news")) return stack.die();
      return send(name, sent, options);
    },
  });
  await stack.submit(integers(10), TELLS);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", open: "batch" });
  expect(stack.events).toEqual([]);
  Object.assign(queue, { send });
  await sweep(stack);
  await stack.pump();
  expect(stack.events).toHaveLength(1);
  expect(to.received).toHaveLength(1);
});

test("a message of news that is delivered twice, or late, tells nothing more", async () => {
  const stack = await ended(countingJob(10));
  await stack.ports.queue.send("join", [{ kind: "news", batch: SAMPLE_BATCH }]);
  await stack.ports.queue.send("join", [{ kind: "news", batch: "01GONE" }]);
  await stack.pump();
  expect(stack.events).toHaveLength(1);
});

test("a cancelled batch is news, too", async () => {
  const stack = memoryStack([countingJob(10)]);
  await stack.submit(integers(10), TELLS);
  await cancel(stack.ports, SAMPLE_BATCH);
  await stack.pump();
  expect(stack.events).toMatchObject([{ state: "cancelled", error: { code: "CANCELLED" } }]);
});

test("the end of a redrive is news of its own, and replaces news that nobody has got", async () => {
  let isFixed = false;
  const job = countingJob(10, (n: number) => (n === 3 && !isFixed ? Promise.reject(new Error("no")) : n));
  const stack = await ended(job);
  isFixed = true;
  await redrive(stack.ports, SAMPLE_BATCH, null);
  expect(stack.batch()).toMatchObject({ open: "batch" });
  await stack.pump();
  expect(stack.events.map(({ generation, state }) => [generation, state])).toEqual([
    [0, "completed-with-failures"],
    [1, "succeeded"],
  ]);
});

test("a removed batch is no news any more", async () => {
  const stack = memoryStack([countingJob(10)]);
  failing(stack, Infinity);
  await stack.submit(integers(10), TELLS);
  await stack.pump();
  await remove(stack.ports, SAMPLE_BATCH);
  failing(stack, 0);
  await sweep(stack);
  await stack.pump();
  expect(stack.events).toEqual([]);
  expect(stack.batch()).not.toHaveProperty("news");
});

test("a batch of before the update, which does not tell, ends as it did", async () => {
  const stack = memoryStack([countingJob(10)]);
  await stack.submit(integers(10));
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded" });
  expect(stack.batch()).not.toHaveProperty("open");
  expect(stack.events).toEqual([]);
});
