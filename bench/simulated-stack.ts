/**
 * Simulates a deployed stack in this process: the real steps and adapters with the real SDK, and event
 * sources that deliver in a chosen order.
 */
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { batchKey, hasEnded } from "../src/core/records/batch/batch.ts";
import { chunkDelivery } from "../src/steps/bundle/delivery.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage } from "../src/core/records/message.ts";
import { liveCount, liveCountsKey } from "../src/core/records/batch/live-counts.ts";
import { costOf } from "../src/core/records/batch/bounds/spent.ts";
import type { Cost, Spent } from "../src/core/records/batch/bounds/spent.ts";
import type { Fields } from "../src/core/records/record.ts";
import type { Source } from "../src/input/reader.ts";
import type { Job } from "../src/job/job.ts";
import type { BatchSpec } from "../src/batch/spec.ts";
import { coordinator } from "../src/steps/coordinator.ts";
import { lookForStragglers } from "../src/steps/hedging/look-for-stragglers.ts";
import { join } from "../src/steps/join.ts";
import type { Ports } from "../src/ports.ts";
import { withLeafHistory } from "../src/steps/leaf-history.ts";
import { createRunner } from "../src/runner/create-runner.ts";
import type { Runner } from "../src/runner/runner.ts";
import { submit } from "../src/batch/submit.ts";
import { worker } from "../src/steps/worker.ts";
import { chance } from "../src/core/chance.ts";
import { openServices } from "./counting-services.ts";
import type { CountingServices } from "./counting-services.ts";

/** The batch of a simulation, and how its chunks are delivered. */
export interface Simulation {
  readonly job: Job;
  readonly items: number;
  readonly itemsPerChunk: number;
  /** Chunks reach the workers in a random order instead of the plan's. */
  readonly shuffled: boolean;
  /** One of so many chunks is delivered twice; 0: none. */
  readonly twice: number;
  /** Chunks go to the workers by asynchronous invoke. */
  readonly direct: boolean;
  /** One of so many chunks comes after all others, unless it is hedged; 0: none. */
  readonly late: number;
}

/** The requests and charges of a simulation. */
export interface SimulationResult extends Pick<CountingServices, "requests" | "charges"> {
  /** Requests of event sources: receives that returned messages, and deletes of these messages. */
  readonly polls: number;
  readonly invocations: number;
  /** What the batch's own record says that it has cost. */
  readonly cost: Cost | null;
  /** The record of the batch after its end. */
  readonly batch: Fields;
}

const BATCH = "01K5REQUESTSREQUESTSREQUES";
const SEED = 5;
/** The largest number of messages in one delivery of an event source. */
const BATCH_SIZE = { coordinator: 1, worker: 10, join: 1 } as const;
type Consumer = keyof typeof BATCH_SIZE;

/** Runs a batch to its end and returns what it would be charged for. */
export async function simulate(options: Simulation): Promise<SimulationResult> {
  const services = openServices(options.direct);
  const { requests, charges } = services;
  const ports = withLeafHistory(services.ports, (error) => {
    throw error;
  });
  const runner = runnerOf(options.job, ports);
  await submit(ports, specOf(options, await sourceOf(services, options)));
  let invocations = 0;
  let polls = 0;
  const late: Message[] = [];
  for (
    let deliveries = next(services, options, late);
    deliveries.length > 0;
    deliveries = next(services, options, late)
  ) {
    for (const { source, messages, polled } of deliveries) {
      services.meter.begin({ polled });
      await deliver(ports, runner, source, messages);
      invocations++;
      if (polled) polls += 2;
      // The services answer without waiting, so give the process's other work a turn.
      await yieldToEventLoop();
    }
  }
  const counted = { requests: new Map(requests), charges: [...charges], polls, invocations };
  const [batch, live = null] = await ports.ledger.read([batchKey(BATCH), liveCountsKey(BATCH)]);
  if (!batch || !hasEnded(batch)) throw new Error("the batch did not end");
  const overhead = { mbs: liveCount(live, "mbs"), fees: liveCount(live, "fees") };
  return { ...counted, batch, cost: costOf(batch["totals"] as unknown as Spent, overhead) };
}

interface Delivered {
  readonly source: Consumer;
  readonly messages: readonly Message[];
  readonly polled: boolean;
}

/**
 * The waiting messages, grouped into deliveries of event sources and direct invocations. `late`: those that
 * are held back until nothing else waits.
 */
function next(services: CountingServices, options: Simulation, late: Message[]): Delivered[] {
  const deliveries = waitingIn(services, options, late);
  if (deliveries.length > 0 || late.length === 0) return deliveries;
  const held = late.splice(0);
  return inGroups(held, BATCH_SIZE.worker).map((messages) => ({ source: "worker", messages, polled: true }));
}

function isLate(message: Message, late: number): boolean {
  return late > 0 && message.kind === "chunk" && message.chunk % late === late - 1;
}

function waitingIn(
  services: CountingServices,
  { shuffled, twice, late: every }: Simulation,
  late: Message[],
): Delivered[] {
  const queued = (["coordinator", "worker", "join"] as const).flatMap((source) => {
    const taken = services.takeQueued(source);
    late.push(...taken.filter((message) => isLate(message, every)));
    const waiting = taken.filter((message) => !isLate(message, every));
    if (twice > 0 && source === "worker") waiting.push(...waiting.filter((_, index) => index % twice === 0));
    if (shuffled && source === "worker") shuffle(waiting);
    return inGroups(waiting, BATCH_SIZE[source]).map((messages) => ({ source, messages, polled: true }));
  });
  const invoked = services
    .takeInvoked()
    .map((messages) => ({ source: "worker" as const, messages, polled: false }));
  return [...queued, ...invoked];
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Shuffles in place (Fisher and Yates), with the same seed each time. */
function shuffle(items: Message[]): void {
  const random = chance(SEED);
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [items[last], items[other]] = [items[other] as Message, items[last] as Message];
  }
}

async function deliver(
  ports: Ports,
  runner: Runner,
  source: Consumer,
  messages: readonly Message[],
): Promise<void> {
  if (source === "worker") {
    const deliveries = messages.map((message) => chunkDelivery(message as ChunkMessage, 1));
    const { unfinished } = await worker(ports, runner, deliveries, { looksLater: true });
    if (unfinished.length > 0) throw new Error("a chunk was not finished");
    return;
  }
  for (const message of messages) {
    if (message.kind === "stragglers") await lookForStragglers(ports, message);
    else if (source === "join") await join(ports, runner, message as NodeMessage);
    else await coordinator(ports, runner, message as PlanMessage);
  }
}

function runnerOf(job: Job, { store, clock }: Ports): Runner {
  const { signal } = new AbortController();
  return createRunner({
    job,
    store,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    signal: () => signal,
    interrupted: () => false,
    now: () => clock.now(),
    random: () => 0,
  });
}

function nothing(): void {}

/** A range of numbers, or an object in the bucket with that many lines. */
async function sourceOf(services: CountingServices, { job, items }: Simulation): Promise<Source> {
  if (job.input.kind === "range") return { name: "", label: "range", size: items, version: "" };
  const text = Buffer.from(Array.from({ length: items }, (_, n) => `line ${n}\n`).join(""));
  return { label: "lines.txt", size: text.length, ...(await services.putObject("uploads/lines.txt", text)) };
}

function specOf({ job, itemsPerChunk }: Simulation, source: Source): BatchSpec {
  return {
    batch: BATCH,
    job: job.name,
    input: {
      reader: job.input.kind,
      options: job.input.options,
      sources: [source],
    },
    params: null,
    chunk: { items: itemsPerChunk, bytes: null },
    tolerate: job.options.tolerate,
    hedge: job.options.hedge,
    createdAt: 0,
    deadlineAt: Number.MAX_SAFE_INTEGER,
    jobFile: null,
  };
}
