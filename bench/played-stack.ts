/**
 * A deployed stack played in this process: the real steps and adapters with the real SDK, and event sources
 * that deliver in the order asked for.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { batchKey, hasEnded } from "../src/core/records/batch.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage } from "../src/core/records/message.ts";
import type { Fields } from "../src/core/records/record.ts";
import type { Source } from "../src/input/reader.ts";
import type { Job } from "../src/job/job.ts";
import type { BatchSpec } from "../src/batch/spec.ts";
import { coordinator } from "../src/steps/coordinator.ts";
import { join } from "../src/steps/join.ts";
import type { Ports } from "../src/ports.ts";
import { createRunner } from "../src/runner/create-runner.ts";
import type { Runner } from "../src/runner/runner.ts";
import { submit } from "../src/batch/submit.ts";
import { worker } from "../src/steps/worker.ts";
import { chance } from "../test/simulation/chance.ts";
import { openServices } from "./played-services.ts";
import type { Services } from "./played-services.ts";

export interface Play {
  readonly job: Job;
  readonly items: number;
  readonly itemsPerChunk: number;
  /** Chunks reach the workers in any order instead of that of the plan. */
  readonly shuffled: boolean;
  /** Of every so many deliveries to workers one comes twice; 0: none. */
  readonly twice: number;
  /** Chunks go to the workers by asynchronous invoke. */
  readonly direct: boolean;
}

export interface Played extends Pick<Services, "requests" | "charges"> {
  /** Receives of event sources that brought something, and deletes of what they brought. */
  readonly polls: number;
  readonly invocations: number;
  /** The batch's record at its end. */
  readonly batch: Fields;
}

const BATCH = "01K5REQUESTSREQUESTSREQUES";
const SEED = 5;
/** Event sources bring so many messages at most. */
const BATCH_SIZE = { coordinator: 1, worker: 10, join: 1 } as const;
type Woken = keyof typeof BATCH_SIZE;

export async function play(options: Play): Promise<Played> {
  const services = openServices(options.direct);
  const { ports, requests, charges } = services;
  const runner = runnerOf(options.job, ports);
  await submit(ports, specOf(options, await sourceOf(services, options)));
  let invocations = 0;
  let polls = 0;
  for (
    let deliveries = next(services, options);
    deliveries.length > 0;
    deliveries = next(services, options)
  ) {
    for (const { source, messages, polled } of deliveries) {
      await deliver(ports, runner, source, messages);
      invocations++;
      if (polled) polls += 2;
      // Answers come without waiting; whatever else this process has to do comes between.
      await breathe();
    }
  }
  const counted = { requests: new Map(requests), charges: [...charges], polls, invocations };
  const [batch] = await ports.ledger.read([batchKey(BATCH)]);
  if (!batch || !hasEnded(batch)) throw new Error("the batch did not end");
  return { ...counted, batch };
}

interface Delivered {
  readonly source: Woken;
  readonly messages: readonly Message[];
  readonly polled: boolean;
}

/** What is waiting, as event sources and invokes bring it. */
function next(services: Services, { shuffled, twice }: Play): Delivered[] {
  const queued = (["coordinator", "worker", "join"] as const).flatMap((source) => {
    const waiting = services.takeQueued(source);
    if (twice > 0 && source === "worker") waiting.push(...waiting.filter((_, place) => place % twice === 0));
    if (shuffled && source === "worker") shuffle(waiting);
    return inGroups(waiting, BATCH_SIZE[source]).map((messages) => ({ source, messages, polled: true }));
  });
  const invoked = services
    .takeInvoked()
    .map((messages) => ({ source: "worker" as const, messages, polled: false }));
  return [...queued, ...invoked];
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, place) =>
    items.slice(place * size, (place + 1) * size),
  );
}

/** Fisher and Yates, the same each time. */
function shuffle(items: Message[]): void {
  const random = chance(SEED);
  for (let place = items.length - 1; place > 0; place--) {
    const other = random.below(place + 1);
    [items[place], items[other]] = [items[other] as Message, items[place] as Message];
  }
}

async function deliver(
  ports: Ports,
  runner: Runner,
  source: Woken,
  messages: readonly Message[],
): Promise<void> {
  if (source === "worker") {
    const deliveries = messages.map((message) => ({ message: message as ChunkMessage, receives: 1 }));
    const { unfinished } = await worker(ports, runner, deliveries);
    if (unfinished.length > 0) throw new Error("a chunk was not finished");
    return;
  }
  for (const message of messages) {
    if (source === "join") await join(ports, runner, message as NodeMessage);
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

/** A range of numbers, or as many lines of an object in the bucket. */
async function sourceOf(services: Services, { job, items }: Play): Promise<Source> {
  if (job.input.kind === "range") return { name: "", label: "range", size: items, version: "" };
  const text = Buffer.from(Array.from({ length: items }, (_, n) => `line ${n}\n`).join(""));
  return { label: "lines.txt", size: text.length, ...(await services.putObject("uploads/lines.txt", text)) };
}

function specOf({ job, itemsPerChunk }: Play, source: Source): BatchSpec {
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
    createdAt: 0,
    deadlineAt: Number.MAX_SAFE_INTEGER,
    jobFile: null,
  };
}
