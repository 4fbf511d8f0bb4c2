/**
 * The worker: runs chunks and settles them.
 *
 * In this order, always: outputs and partials are written under the attempt's tag, then the chunks are
 * settled, then their messages are acknowledged (by the caller, for every delivery that is not returned). A
 * crash anywhere in between is a redelivery, and a redelivery changes nothing that was settled.
 */
import { keepPartial, parsePartial, partialKey } from "../core/records/contribution.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { MAX_RECEIVES, isFresh } from "../core/records/message.ts";
import type { ChunkMessage } from "../core/records/message.ts";
import type { Reply, Task, Worked } from "../core/protocol/task.ts";
import { NO_TOTALS, addTotals } from "../core/records/tree.ts";
import type { Totals } from "../core/records/tree.ts";
import { readSpec } from "../batch/spec.ts";
import type { BatchSpec } from "../batch/spec.ts";
import { attemptOf } from "./delivery.ts";
import type { ChunkDelivery } from "./delivery.ts";
import { askToEnd } from "../batch/end.ts";
import { endEarly } from "./early-end.ts";
import type { Failure } from "../core/records/batch.ts";
import { runProtocol } from "./run-protocol.ts";
import type { Ports } from "../ports.ts";
import { runSuspects } from "./poison/run-suspects.ts";
import type { ChunksReply, ChunksRequest, Runner } from "../runner/runner.ts";
import { SetupFailed } from "../runner/setup-failed.ts";

/** Failures of `setup` in one thread or environment, or attempts at one chunk. Then the batch ends. */
const SETUP_ATTEMPTS = MAX_RECEIVES;

/** The deliveries that have to come again, and the totals that were settled, by batch. */
export interface WorkerReport<D> {
  readonly unfinished: readonly D[];
  readonly settled: ReadonlyMap<string, Totals>;
}

/** Runs the chunks of `deliveries`. Throws what a port throws: all of them are then delivered again. */
export async function worker<D extends ChunkDelivery>(
  ports: Ports,
  runner: Runner,
  deliveries: readonly D[],
): Promise<WorkerReport<D>> {
  const unfinished = new Set<ChunkMessage>();
  const settled = new Map<string, Totals>();
  for (const [batch, bundle] of Map.groupBy(deliveries, ({ message }) => message.batch)) {
    const run = await runBundle(ports, runner, batch, bundle);
    for (const chunk of run.unfinished) unfinished.add(chunk);
    settled.set(batch, run.settled);
  }
  return { unfinished: deliveries.filter(({ message }) => unfinished.has(message)), settled };
}

/** Runs chunks of one batch. Those that were interrupted are unfinished. */
async function runBundle(
  ports: Ports,
  runner: Runner,
  batch: string,
  bundle: readonly ChunkDelivery[],
): Promise<{ unfinished: readonly ChunkMessage[]; settled: Totals }> {
  const chunks = bundle.map(({ message }) => message);
  const again = bundle
    .filter(({ suspect, message }) => suspect || message.look === true)
    .map(({ message }) => message.chunk);
  let settled = NO_TOTALS;
  let unfinished: readonly ChunkMessage[] = [];
  let spec: BatchSpec | null = null;

  const work = async ({ chunks: wanted }: { chunks: readonly ChunkMessage[] }): Promise<Worked> => {
    spec = await readSpec(ports.ledger, batch);
    const previousBodies = await previousBodiesOf(ports, batch, wanted);
    const request = { spec, chunks: wanted, previousBodies };
    const run = runSuspects(ports.ledger, runner, request, bundle);
    const { body, done } = await orEnd(ports, batch, Math.max(...bundle.map(attemptOf)), run);
    const finished = new Set(done.map(({ child }) => child));
    unfinished = wanted.filter(({ chunk }) => !finished.has(chunk));
    const tag = ports.newTag();
    if (!body) return { tag: `-${tag.slice(1)}`, keep: null, done };
    return { tag, keep: keepPartial(batch, tag, body), done };
  };

  await runProtocol(ports, { do: "start", chunks, again }, { work }, (task, reply) => {
    settled = addTotals(settled, settledBy(task, reply));
  });
  if (spec && chunks.some(isFresh)) await endEarly(ports, spec, settled);
  return { unfinished, settled };
}

/** In a redrive: the bodies of the chunks' earlier contributions, by tag. */
async function previousBodiesOf(
  { ledger }: Ports,
  batch: string,
  chunks: readonly ChunkMessage[],
): Promise<NonNullable<ChunksRequest["previousBodies"]>> {
  const tags = [...new Set(chunks.flatMap(({ former }) => (former === undefined ? [] : [former])))];
  if (tags.length === 0) return {};
  const keys = tags.map((tag) => partialKey(batch, tag));
  const records = await ledger.read(keys);
  const bodies = records.map((record, place) => parsePartial(keys[place] ?? "", record));
  return Object.fromEntries(tags.flatMap((tag, place) => (bodies[place] ? [[tag, bodies[place]]] : [])));
}

/**
 * An input that has changed since it was planned ends the batch, and so does a `setup` of the job that fails
 * again and again. Other errors are for the next attempt.
 */
async function orEnd(
  ports: Ports,
  batch: string,
  attempt: number,
  run: Promise<ChunksReply>,
): Promise<ChunksReply> {
  try {
    return await run;
  } catch (thrown) {
    const ending = endingOf(thrown, attempt);
    if (ending === null) throw thrown;
    await askToEnd(ports, batch, "input", ending);
    return { body: null, done: [] };
  }
}

/** `null`: the chunks are tried again. */
function endingOf(thrown: unknown, attempt: number): Failure | null {
  if (!(thrown instanceof FanjoinError)) return null;
  const { code, message } = thrown;
  if (code.startsWith("INPUT_")) return { code, message };
  if (code !== "SETUP_FAILED") return null;
  const attempts = Math.max(attempt, thrown instanceof SetupFailed ? thrown.failures : 0);
  return attempts < SETUP_ATTEMPTS ? null : { code, message: `${message}; ${attempts} attempts failed` };
}

/** What a task settled in a leaf. Only a settle that applied counts, so no chunk is counted twice. */
function settledBy(task: Task, reply: Reply): Totals {
  if (task.do !== "settle" || task.node.level > 0) return NO_TOTALS;
  if (!reply || !("applied" in reply) || !reply.applied) return NO_TOTALS;
  return task.done.reduce((sum, { totals }) => addTotals(sum, totals), NO_TOTALS);
}
