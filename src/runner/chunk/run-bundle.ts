/**
 * A runner in this process: what a Lambda, and each thread of the embedded engine, runs a user's job with.
 */
import type { Contribution, Contributions } from "../../core/records/contribution.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Done } from "../../core/protocol/task.ts";
import { NO_SPAN } from "../../core/span.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { ObjectStore } from "../../ports.ts";
import { loadBody, storeBody } from "../contribution/body.ts";
import { CarefulAttempt } from "./careful-attempt.ts";
import { redoChunk } from "./redo-chunk.ts";
import type { ResultRules } from "./chunk-result.ts";
import { runChunk } from "./run-chunk.ts";
import type { ChunkOutcome, AttemptContext } from "./run-chunk.ts";
import type { ChunksReply, ChunksRequest } from "../runner.ts";
import type { SharedMachine } from "../machine.ts";

export async function runChunks(
  machine: SharedMachine,
  request: ChunksRequest,
  params: unknown,
  onLastDraining: () => void,
): Promise<ChunksReply> {
  const { chunks, careful } = request;
  const previousOf = previousContributions(machine.store, request.previousBodies ?? {});
  const run = (message: ChunkMessage, how: How): Promise<ChunkOutcome | null> =>
    attempt(machine, request, message, previousOf, { ...how, params });
  const contributions: { [child: string]: Contribution } = {};
  const done = new Map<number, Done>();
  let kept = false;
  const runOne = async (message: ChunkMessage, onDraining: () => void): Promise<boolean> => {
    let how: How = { ...AS_USUAL, onDraining };
    let outcome = await run(message, how);
    while (outcome?.again) {
      how = { ...how, ...outcome.again, onDraining: nothing };
      outcome = await run(message, how);
    }
    if (outcome === null) return false;
    done.set(message.chunk, { child: message.chunk, totals: outcome.totals });
    // All chunks of a bundle share its tag: where the tag names a body, each of them has to be in it.
    contributions[message.chunk] = outcome.contribution ?? { span: NO_SPAN };
    if (outcome.contribution !== null) kept = true;
    return true;
  };
  const overlaps = machine.job.options.concurrency > 1 && careful === null;
  if (overlaps) await overlapping(chunks, machine.interrupted, runOne, onLastDraining);
  else {
    for (const message of chunks) {
      await machine.timeBudget?.yieldToEventLoop();
      if (machine.interrupted() || !(await runOne(message, nothing))) break;
    }
  }
  if (!kept) return { body: null, done: [...done.values()] };
  const body = await storeBody(machine.store, contributions);
  return { body, done: [...done.values()] };
}

/**
 * Each chunk begins when all items of the one before it have begun. `attempt` comes to false if it was
 * interrupted.
 */
async function overlapping(
  chunks: readonly ChunkMessage[],
  interrupted: () => boolean,
  attempt: (message: ChunkMessage, onDraining: () => void) => Promise<boolean>,
  onLastDraining: () => void,
): Promise<void> {
  const attempts: Promise<boolean>[] = [];
  for (const message of chunks) {
    if (interrupted()) break;
    const draining = Promise.withResolvers<true>();
    const finished = attempt(message, () => {
      draining.resolve(true);
      if (message === chunks.at(-1)) onLastDraining();
    });
    attempts.push(finished);
    const goesOn = await Promise.race([finished, draining.promise]).catch(() => false);
    if (!goesOn) break;
  }
  // Nothing of a bundle goes on when it is over, also if one of its chunks has failed.
  await Promise.allSettled(attempts);
  await Promise.all(attempts);
}

export function nothing(): void {}

interface How extends ResultRules {
  readonly onDraining: () => void;
}

const AS_USUAL: ResultRules = { strict: false, guarded: false };

/** One attempt at one chunk. Not itself asynchronous: its many variables would be kept for each chunk. */
function attempt(
  machine: SharedMachine,
  { spec, careful }: ChunksRequest,
  message: ChunkMessage,
  previousOf: PreviousOf,
  how: How & { readonly params: unknown },
): Promise<ChunkOutcome | null> {
  const { store, heartbeat, interrupted, journal = null } = machine;
  const plain = contextOf(machine, spec, message, how);
  const known = careful?.get(message.chunk);
  const context = known
    ? { ...plain, careful: new CarefulAttempt(plain, message, known, heartbeat, journal) }
    : plain;
  if (message.generation === 0) return runChunk(context, spec, message, store, interrupted);
  return previousOf(message).then((previous) =>
    redoChunk(context, spec, message, store, interrupted, previous),
  );
}

function contextOf(
  machine: SharedMachine,
  spec: BatchSpec,
  message: ChunkMessage,
  { strict, guarded, onDraining, params }: How & { readonly params: unknown },
): AttemptContext {
  const { job, now, random, heartbeat, slots, timeBudget = null } = machine;
  return {
    job,
    params,
    label: spec.input.sources[message.source]?.label ?? "",
    chunk: message.chunk,
    log: machine.logOf?.(message) ?? machine.log,
    signal: machine.signal(),
    deadlineAt: Math.min(spec.deadlineAt, timeBudget?.endsAt() ?? Infinity),
    now,
    random,
    heartbeat,
    slots,
    onDraining,
    careful: null,
    strict,
    guarded,
    yieldToEventLoop: timeBudget?.yieldToEventLoop ?? null,
  };
}

type PreviousOf = (message: ChunkMessage) => Promise<Contribution | null>;

/** What chunks came to before a redrive. Each body is read once. */
function previousContributions(
  store: ObjectStore,
  previousBodies: NonNullable<ChunksRequest["previousBodies"]>,
): PreviousOf {
  const loaded = new Map<string, Promise<Contributions>>();
  return async ({ chunk, former }) => {
    const body = former === undefined ? undefined : previousBodies[former];
    if (former === undefined || !body) return null;
    const contributions = loaded.get(former) ?? loadBody(store, body);
    loaded.set(former, contributions);
    return (await contributions)[chunk] ?? null;
  };
}
