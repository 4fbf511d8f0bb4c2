/** A runner in this process: what a Lambda, and each thread of the embedded engine, runs a user's job with. */
import type { Contribution, Contributions } from "../core/contribution.ts";
import type { ChunkMessage } from "../core/message.ts";
import type { Done } from "../core/task.ts";
import { NO_SPAN } from "../core/span.ts";
import type { Job, Logger } from "../job.ts";
import type { ObjectStore } from "../ports.ts";
import type { BatchSpec } from "./batch.ts";
import { loadBody, problemOf, storeBody } from "./bodies.ts";
import { CarefulAttempt } from "./careful.ts";
import type { ItemJournal } from "./careful.ts";
import { parseParams } from "./params.ts";
import { Places } from "./places.ts";
import { newPulse } from "./pulse.ts";
import type { Pulse } from "./pulse.ts";
import { redoChunk } from "./redo-chunk.ts";
import { runChunk } from "./run-chunk.ts";
import type { ChunkOutcome, ChunkSurroundings } from "./run-chunk.ts";
import { runMerge } from "./run-merge.ts";
import { generated } from "./run-plan.ts";
import type { Generated } from "./run-plan.ts";
import { itemFeed } from "./item-feed.ts";
import type { ChunksReply, ChunksRequest, PlanRequest, Runner } from "./runner.ts";

export interface Machine {
  readonly job: Job;
  readonly store: ObjectStore;
  readonly log: Logger;
  /** Aborted when running work is not wanted any more. */
  readonly signal: () => AbortSignal;
  /** The same, for code that never waits and so never sees a signal fire. */
  readonly interrupted: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Where the items that run can be seen, if anybody looks. */
  readonly pulse?: Pulse;
  /** What outlives this process, or tells whose late errors are. */
  readonly journal?: ItemJournal;
  /** Where time is short, and nobody else looks whether it is up. */
  readonly hours?: Hours;
  /** What the items of one chunk log with, if that is not `log`. */
  readonly logOf?: (message: ChunkMessage) => Logger;
}

/** The time that a machine has for what it runs now. */
export interface Hours {
  /** In milliseconds since the epoch. */
  endsAt(): number;
  /** Lets the event loop turn, if it is time for that; else `null`. */
  readonly rest: () => Promise<void> | null;
}

export function createRunner(machine: Machine): Runner {
  /** Parameters as the job's schema made them, by batch. */
  const parsed = new Map<string, unknown>();
  const paramsOf = async ({ batch, params }: BatchSpec): Promise<unknown> => {
    if (!parsed.has(batch)) parsed.set(batch, await parseParams(machine.job, params));
    return parsed.get(batch);
  };
  const pulse = machine.pulse ?? newPulse();
  const shared = { ...machine, pulse, places: new Places(pulse) };
  /** Generators on their way, by batch. */
  const plans = new Map<string, Generated>();
  const planOf = async ({ spec, last }: PlanRequest): Promise<Generated> => {
    const known = plans.get(spec.batch);
    if (known && known.at() === (last?.ranges.at(-1)?.end ?? 0)) return known;
    known?.close();
    const { generate } = machine.job.input;
    if (generate === undefined) throw new Error(`job ${machine.job.name} has no generator`);
    const context = { params: await paramsOf(spec), signal: machine.signal() };
    const plan = generated(itemFeed(generate, context, machine.interrupted), machine.store, last);
    plans.set(spec.batch, plan);
    return plan;
  };
  return {
    async plan(request) {
      const { batch } = request.spec;
      const plan = await planOf(request);
      const cut = await plan.next(request.next);
      if (cut !== null && cut.ranges.length > 0) return cut;
      plan.close();
      plans.delete(batch);
      return cut;
    },
    chunks: async (request, onDraining) =>
      runChunks(shared, request, await paramsOf(request.spec), onDraining ?? nothing),
    merge: (request) => runMerge(machine.job, machine.store, request),
  };
}

/** A machine whose chunks share its places. */
interface SharedMachine extends Machine {
  readonly pulse: Pulse;
  readonly places: Places;
}

async function runChunks(
  machine: SharedMachine,
  request: ChunksRequest,
  params: unknown,
  onLastDraining: () => void,
): Promise<ChunksReply> {
  const { chunks, careful } = request;
  const formerOf = formerContributions(machine.store, request.formers ?? {});
  const run = (message: ChunkMessage, how: How): Promise<ChunkOutcome | null> =>
    attempt(machine, request, message, formerOf, { ...how, params });
  const contributions: { [child: string]: Contribution } = {};
  const done = new Map<number, Done>();
  let kept = false;
  const runOne = async (message: ChunkMessage, onDraining: () => void): Promise<boolean> => {
    const outcome = await run(message, { strict: false, onDraining });
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
      await machine.hours?.rest();
      if (machine.interrupted() || !(await runOne(message, nothing))) break;
    }
  }
  if (!kept) return { body: null, done: [...done.values()] };
  /** Which item is to blame for a joined value that cannot be written is not known: then each is looked at. That may not help, if the join itself makes it so. */
  const strictly = async (child: number): Promise<Contribution | null> => {
    const message = chunks.find(({ chunk }) => chunk === child);
    const outcome = message ? await run(message, { strict: true, onDraining: nothing }) : null;
    if (outcome === null) done.delete(child);
    if (!outcome?.contribution || problemOf(outcome.contribution) !== null) return null;
    done.set(child, { child, totals: outcome.totals });
    return outcome.contribution;
  };
  const body = await storeBody(machine.store, contributions, strictly);
  return { body, done: [...done.values()] };
}

/** Each chunk begins when all items of the one before it have begun. `attempt` comes to false if it was interrupted. */
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

function nothing(): void {}

interface How {
  readonly strict: boolean;
  readonly onDraining: () => void;
}

async function attempt(
  machine: SharedMachine,
  { spec, careful }: ChunksRequest,
  message: ChunkMessage,
  formerOf: FormerOf,
  { strict, onDraining, params }: How & { readonly params: unknown },
): Promise<ChunkOutcome | null> {
  const { job, now, random, store, pulse, places, interrupted, journal = null, hours = null } = machine;
  const around: ChunkSurroundings = {
    job,
    params,
    label: spec.input.sources[message.source]?.label ?? "",
    chunk: message.chunk,
    log: machine.logOf?.(message) ?? machine.log,
    signal: machine.signal(),
    deadlineAt: Math.min(spec.deadlineAt, hours?.endsAt() ?? Infinity),
    now,
    random,
    pulse,
    places,
    onDraining,
    careful: null,
    strict,
    rest: hours?.rest ?? null,
  };
  const known = careful?.get(message.chunk);
  const how = known
    ? { ...around, careful: new CarefulAttempt(around, message, known, pulse, journal) }
    : around;
  if (message.generation === 0) return runChunk(how, spec, message, store, interrupted);
  return redoChunk(how, spec, message, store, interrupted, await formerOf(message));
}

type FormerOf = (message: ChunkMessage) => Promise<Contribution | null>;

/** What chunks came to before a redrive. Each body is read once. */
function formerContributions(store: ObjectStore, formers: NonNullable<ChunksRequest["formers"]>): FormerOf {
  const loaded = new Map<string, Promise<Contributions>>();
  return async ({ chunk, former }) => {
    const body = former === undefined ? undefined : formers[former];
    if (former === undefined || !body) return null;
    const contributions = loaded.get(former) ?? loadBody(store, body);
    loaded.set(former, contributions);
    return (await contributions)[chunk] ?? null;
  };
}
