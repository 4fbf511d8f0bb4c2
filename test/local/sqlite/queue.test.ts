import { afterEach, beforeEach, expect, test } from "vitest";
import type { Message, QueueName } from "../../../src/core/records/message.ts";
import { openDatabase } from "../../../src/local/sqlite/database.ts";
import type { Database } from "../../../src/local/sqlite/database.ts";
import type { LocalQueue, QueueDelivery } from "../../../src/local/sqlite/local-queue.ts";
import { chunkMessage } from "../../contract/queue.ts";
import { manualClock } from "../../memory/clock.ts";
import type { ManualClock } from "../../memory/clock.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import type { TemporaryDirectory } from "../../memory/directory.ts";

const VISIBILITY_MS = 1_000;

let directory: TemporaryDirectory;
let clock: ManualClock;
let database: Database;
let queue: LocalQueue;

function open(): void {
  const file = directory.path("state.db");
  database = openDatabase({ file, clock, queue: { visibilityMs: { worker: VISIBILITY_MS } } });
  ({ queue } = database);
}

async function reopen(): Promise<void> {
  await database.close();
  open();
  queue.activate("01K0");
}

beforeEach(() => {
  directory = temporaryDirectory();
  clock = manualClock();
  open();
});

afterEach(async () => {
  await database.close();
  directory.remove();
});

async function send(count: number, name: QueueName = "worker"): Promise<void> {
  await queue.send(
    name,
    Array.from({ length: count }, (_, chunk) => chunkMessage(chunk)),
  );
}

const chunksOf = (deliveries: readonly { readonly message: Message }[]): number[] =>
  deliveries.map(({ message }) => (message.kind === "chunk" ? message.chunk : -1));

const receivesOf = (deliveries: readonly QueueDelivery[]): number[] =>
  deliveries.map(({ receives }) => receives);

/** Receives and gives back until the messages are dead letters. */
function exhaust(times = 3): void {
  for (let round = 0; round < times; round++) queue.release(queue.receive("worker", 10));
}

test("messages are received first in, first out, at most as many as asked for", async () => {
  await send(5);
  expect(chunksOf(queue.receive("worker", 2))).toEqual([0, 1]);
  expect(chunksOf(queue.receive("worker", 9))).toEqual([2, 3, 4]);
  expect(queue.receive("worker", 9)).toEqual([]);
  expect([queue.waiting("worker"), queue.inFlight("worker")]).toEqual([0, 5]);
});

test("a received message is invisible until its visibility timeout, then comes again with a higher count", async () => {
  await send(1);
  expect(receivesOf(queue.receive("worker", 1))).toEqual([1]);
  expect(queue.nextWakeAt()).toBe(clock.now() + VISIBILITY_MS);
  clock.advance(VISIBILITY_MS - 1);
  expect(queue.receive("worker", 1)).toEqual([]);
  clock.advance(1);
  expect(receivesOf(queue.receive("worker", 1))).toEqual([2]);
});

test("an acknowledged message is gone; acknowledging twice, or late, is harmless", async () => {
  await send(2);
  const [first, second] = queue.receive("worker", 2);
  if (!first || !second) throw new Error("two messages were sent");
  queue.acknowledge([first]);
  queue.acknowledge([first]);
  clock.advance(VISIBILITY_MS);
  const again = queue.receive("worker", 9);
  expect(chunksOf(again)).toEqual([1]);
  queue.acknowledge([second]);
  expect([queue.waiting("worker"), queue.inFlight("worker"), queue.nextWakeAt()]).toEqual([0, 0, null]);
});

test("a released message is available at once, or after its delay", async () => {
  await send(2);
  const [first, second] = queue.receive("worker", 2);
  if (!first || !second) throw new Error("two messages were sent");
  queue.release([first], { delayMs: 50 });
  queue.release([second]);
  expect(chunksOf(queue.receive("worker", 9))).toEqual([1]);
  expect([queue.waiting("worker"), queue.nextWakeAt()]).toEqual([1, clock.now() + 50]);
  clock.advance(50);
  expect(chunksOf(queue.receive("worker", 9))).toEqual([0]);
});

test("delays of any order end in their own order", async () => {
  await send(4);
  const deliveries = queue.receive("worker", 4);
  const delays = [30, 10, 40, 20];
  deliveries.forEach((delivery, index) => queue.release([delivery], { delayMs: delays[index] ?? 0 }));
  clock.advance(40);
  expect(chunksOf(queue.receive("worker", 9))).toEqual([1, 3, 0, 2]);
});

test("an uncounted release takes the receive back", async () => {
  await send(1);
  for (let round = 0; round < 5; round++) {
    const deliveries = queue.receive("worker", 1);
    expect(receivesOf(deliveries)).toEqual([1]);
    queue.release(deliveries, { counted: false });
  }
});

test("a blameless release counts, but not as evidence", async () => {
  await send(1);
  for (let round = 0; round < 2; round++) queue.release(queue.receive("worker", 1), { blameless: true });
  expect(queue.receive("worker", 1)).toMatchObject([{ receives: 3, carried: 2 }]);
});

test("a receiver that lost a message to the timeout can no longer release it", async () => {
  await send(1);
  const late = queue.receive("worker", 1);
  clock.advance(VISIBILITY_MS);
  expect(queue.receive("worker", 1)).toHaveLength(1);
  queue.release(late);
  expect([queue.waiting("worker"), queue.inFlight("worker")]).toEqual([0, 1]);
});

test("a message that exhausted its receives becomes a dead letter with counts of its own", async () => {
  await send(1);
  exhaust();
  expect(queue.receive("worker", 1)).toEqual([]);
  const [dead] = queue.receive("dead-letter", 1);
  expect(dead).toMatchObject({ queue: "dead-letter", message: chunkMessage(0), receives: 1 });
});

test("a message that exhausted its receives by timeouts becomes a dead letter too, and its arrival is announced", async () => {
  await send(1);
  for (let round = 0; round < 3; round++) {
    expect(queue.receive("worker", 1)).toHaveLength(1);
    clock.advance(VISIBILITY_MS);
  }
  let waiting = 0;
  queue.onArrival(() => {
    waiting = queue.waiting("dead-letter");
  });
  expect(queue.receive("worker", 1)).toEqual([]);
  expect(waiting).toBe(1);
});

test("a dead letter that cannot be settled is left alone until the directory is opened again", async () => {
  await send(1);
  exhaust();
  for (let round = 1; round <= 10; round++) {
    const dead = queue.receive("dead-letter", 1);
    expect(receivesOf(dead)).toEqual([round]);
    queue.release(dead);
  }
  expect([queue.receive("dead-letter", 1), queue.nextWakeAt()]).toEqual([[], null]);
  await reopen();
  expect(receivesOf(queue.receive("dead-letter", 1))).toEqual([2]);
});

test("arrivals are announced: by sending, and by releasing", async () => {
  let arrivals = 0;
  queue.onArrival(() => arrivals++);
  await send(1);
  expect(arrivals).toBe(1);
  queue.release(queue.receive("worker", 1));
  expect(arrivals).toBe(2);
});

test("all messages of an ended batch are dropped, held ones too", async () => {
  const node = { batch: "ended", generation: 0, level: 0, index: 0 };
  await queue.send("worker", [chunkMessage(0, "ended"), chunkMessage(1, "ended"), chunkMessage(2, "other")]);
  await queue.send("join", [{ kind: "seal", node, attempt: 1 }]);
  const held = queue.receive("worker", 1);
  await database.committed();
  queue.remove("ended");
  queue.release(held);
  expect([queue.waiting("worker"), queue.inFlight("worker"), queue.waiting("join")]).toEqual([1, 0, 0]);
  await reopen();
  queue.activate("ended");
  queue.activate("other");
  expect(chunksOf(queue.receive("worker", 9))).toEqual([2]);
});

test("messages of an earlier start wait until their batch is activated", async () => {
  await queue.send("worker", [chunkMessage(0, "one"), chunkMessage(1, "two")]);
  await reopen();
  expect(queue.receive("worker", 9)).toEqual([]);
  let arrivals = 0;
  queue.onArrival(() => arrivals++);
  queue.activate("none");
  expect(arrivals).toBe(0);
  queue.activate("two");
  expect(arrivals).toBe(1);
  expect(chunksOf(queue.receive("worker", 9))).toEqual([1]);
  queue.activate("two");
  expect(queue.receive("worker", 9)).toEqual([]);
});

test("messages of an earlier start are dropped with their ended batch, without activating it", async () => {
  await send(3);
  await database.close();
  open();
  queue.remove("01K0");
  await reopen();
  expect(queue.waiting("worker")).toBe(0);
});

test("after opening again every message is available in its order, and those that were received are known", async () => {
  await send(4);
  const [first] = queue.receive("worker", 2);
  if (!first) throw new Error("messages were sent");
  queue.acknowledge([first]);
  await reopen();
  const deliveries = queue.receive("worker", 9);
  expect(chunksOf(deliveries)).toEqual([1, 2, 3]);
  expect(receivesOf(deliveries)).toEqual([2, 1, 1]);
  await send(1);
  expect(queue.receive("worker", 9)[0]?.id).toBeGreaterThan(deliveries[2]?.id ?? Infinity);
});

test("the death of the process is not evidence: a message that was open in many is received, and known as received before", async () => {
  await send(1);
  expect(receivesOf(queue.receive("worker", 1))).toEqual([1]);
  for (let round = 0; round < 5; round++) {
    await reopen();
    expect(receivesOf(queue.receive("worker", 1))).toEqual([2]);
  }
  expect(queue.waiting("dead-letter")).toBe(0);
});
