/** Runs the batch of a test: the real steps and the real runner on ports in memory. */
import { filesOf } from "../batch/summary/files.ts";
import { committedTotals } from "../batch/summary/progress.ts";
import { submit } from "../batch/submit.ts";
import { parseFailedLine } from "../core/failures/failed-line.ts";
import type { Json } from "../core/json/json.ts";
import { begin } from "../core/protocol/protocol.ts";
import { batchKey, hasEnded } from "../core/records/batch/batch.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage, QueueName } from "../core/records/message.ts";
import type { Cut, PlanEntry } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import type { Logger } from "../job/job.ts";
import type { ObjectStore, Ports } from "../ports.ts";
import { createRunner } from "../runner/create-runner.ts";
import type { JobRunner } from "../runner/create-runner.ts";
import type { Runner } from "../runner/runner.ts";
import { coordinator } from "../steps/coordinator.ts";
import { chunkDelivery } from "../steps/bundle/delivery.ts";
import { join } from "../steps/join.ts";
import { runProtocol } from "../steps/run-protocol.ts";
import { worker } from "../steps/worker.ts";
import type { BatchAnswer } from "./answer.ts";
import { memoryLedger } from "./memory/ledger.ts";
import { memoryQueue } from "./memory/queue.ts";
import type { MemoryQueue } from "./memory/queue.ts";
import { memoryStore } from "./memory/store.ts";
import type { MemoryStore } from "./memory/store.ts";
import { BLOCK_BYTES, TEST_BATCH, TEST_TIME } from "./prepare-batch.ts";
import type { PreparedBatch } from "./prepare-batch.ts";

/** How a batch is run. */
export interface RunSettings {
  readonly log: Logger;
  /** The chunks, one entry of the plan each. `null`: as the coordinator cuts. */
  readonly cuts: readonly Cut[] | null;
  /** The fan-in of the join tree. Absent: that of the product. */
  readonly fanIn?: number;
  /** The place of the message to deliver next, of `waiting` messages. */
  readonly pick: (waiting: number) => number;
  /** Each message is delivered twice, and each attempt is made once more before the one that counts. */
  readonly twice: boolean;
}

/** Runs a batch to its end. Rejects with what a port throws; code of the job never makes it reject. */
export async function runBatch(batch: PreparedBatch, settings: RunSettings): Promise<BatchAnswer> {
  const { spec, inputs } = batch;
  const ledger = memoryLedger();
  const queue = memoryQueue();
  const own = memoryStore(BLOCK_BYTES);
  let tags = 0;
  const ports: Ports = {
    ledger,
    queue,
    store: layered(own, inputs),
    clock: { now: () => TEST_TIME },
    newTag: () => `t${(tags++).toString(36).padStart(6, "0")}`,
    ...(settings.fanIn === undefined ? {} : { fanIn: settings.fanIn }),
  };
  const runner = runnerFor(batch, ports.store, settings);
  await submit(ports, spec);
  try {
    await deliverAll(ports, runner, queue, settings);
  } finally {
    await runner.teardown();
  }
  const fields = ledger.records.get(batchKey(TEST_BATCH)) ?? {};
  if (!hasEnded(fields)) throw new Error("the batch of the test has stopped before its end");
  return answerOf(fields, own);
}

/** What a run writes is in `own`, what the test gave in `inputs`. */
function layered(own: MemoryStore, inputs: ObjectStore): ObjectStore {
  const isOwn = async (name: string): Promise<boolean> => (await own.stat(name)) !== null;
  const store: ObjectStore = {
    ...own,
    of: () => store,
    stat: async (name) => (await own.stat(name)) ?? inputs.stat(name),
    async *read(name, ...range) {
      yield* ((await isOwn(name)) ? own : inputs).read(name, ...range);
    },
  };
  return store;
}

/** A runner in this process. Its retries do not wait, and its time stands still. */
export function runnerFor(
  { job }: PreparedBatch,
  store: ObjectStore,
  { log, twice }: RunnerSettings,
): JobRunner {
  const { signal } = new AbortController();
  const runner = createRunner({
    job,
    store,
    log,
    signal: () => signal,
    interrupted: () => false,
    now: () => TEST_TIME,
    random: () => 0,
    sleep: async () => undefined,
  });
  return twice ? repeating(runner) : runner;
}

type RunnerSettings = Pick<RunSettings, "log" | "twice">;

/** The first attempt does not count, as if its process had died before it settled anything. */
function repeating(runner: JobRunner): JobRunner {
  return {
    ...runner,
    async chunks(request, events) {
      await runner.chunks(request);
      return runner.chunks(request, events);
    },
    async merge(request) {
      await runner.merge(request);
      return runner.merge(request);
    },
  };
}

interface Waiting {
  readonly queue: QueueName;
  readonly message: Message;
  /** How often it is still to be delivered. */
  readonly times: number;
}

async function deliverAll(
  ports: Ports,
  runner: Runner,
  queue: MemoryQueue,
  settings: RunSettings,
): Promise<void> {
  const waiting: Waiting[] = [];
  const times = settings.twice ? 2 : 1;
  for (;;) {
    for (const message of queue.take("coordinator")) await plan(ports, runner, message, settings.cuts);
    for (const name of ["worker", "join"] as const) {
      for (const message of queue.take(name)) waiting.push({ queue: name, message, times });
    }
    const [next] = waiting.splice(settings.pick(waiting.length), 1);
    if (next === undefined) return;
    await deliver(ports, runner, next);
    if (next.times > 1) waiting.push({ ...next, times: next.times - 1 });
  }
}

async function deliver(ports: Ports, runner: Runner, { queue, message }: Waiting): Promise<void> {
  if (queue === "join") await join(ports, runner, message as NodeMessage);
  else await worker(ports, runner, [chunkDelivery(message as ChunkMessage, 1)]);
}

/** Plans as the coordinator does, or, with `cuts`, with these in the place of its reader. */
async function plan(
  ports: Ports,
  runner: Runner,
  message: Message,
  cuts: readonly Cut[] | null,
): Promise<void> {
  if (cuts === null) return coordinator(ports, runner, message as PlanMessage);
  const cut = async ({ last }: { last: PlanEntry | null }): Promise<Cut | Failure> =>
    cuts[last === null ? 0 : last.entry + 1] ?? { ranges: [] };
  await runProtocol(ports, begin(message as PlanMessage), { cut });
}

function answerOf(fields: Fields, store: MemoryStore): BatchAnswer {
  const files = filesOf(fields);
  const { succeeded, failed } = committedTotals(fields);
  return {
    result: files?.result ? (JSON.parse(store.text(files.result.name)) as Json) : null,
    outputs: linesOf(store, files?.outputs?.name).map((line) => JSON.parse(line) as Json),
    failed: linesOf(store, files?.failed?.name).map(parseFailedLine),
    items: { total: succeeded + failed, succeeded, failed },
    error: (fields["error"] ?? null) as Failure | null,
  };
}

function linesOf(store: MemoryStore, name: string | undefined): string[] {
  return name === undefined ? [] : store.text(name).split("\n").slice(0, -1);
}
