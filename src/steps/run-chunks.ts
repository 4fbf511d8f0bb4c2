/** A runner in this process: what a Lambda, and each thread of the embedded engine, runs a user's job with. */
import type { Contribution } from "../core/contribution.ts";
import type { ChunkMessage } from "../core/message.ts";
import type { Done } from "../core/task.ts";
import { NO_SPAN } from "../core/span.ts";
import type { Job, Logger } from "../job.ts";
import type { ObjectStore } from "../ports.ts";
import type { BatchSpec } from "./batch.ts";
import { problemOf, storeBody } from "./bodies.ts";
import { CarefulAttempt } from "./careful.ts";
import type { ItemJournal } from "./careful.ts";
import { parseParams } from "./params.ts";
import { newPulse } from "./pulse.ts";
import type { Pulse } from "./pulse.ts";
import { runChunk } from "./run-chunk.ts";
import type { ChunkOutcome, ChunkSurroundings } from "./run-chunk.ts";
import { runMerge } from "./run-merge.ts";
import type { ChunksReply, ChunksRequest, Runner } from "./runner.ts";

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
}

export function createRunner(machine: Machine): Runner {
  /** Parameters as the job's schema made them, by batch. */
  const parsed = new Map<string, unknown>();
  const paramsOf = async ({ batch, params }: BatchSpec): Promise<unknown> => {
    if (!parsed.has(batch)) parsed.set(batch, await parseParams(machine.job, params));
    return parsed.get(batch);
  };
  return {
    chunks: async (request) => runChunks(machine, request, await paramsOf(request.spec)),
    merge: (request) => runMerge(machine.job, machine.store, request),
  };
}

async function runChunks(machine: Machine, request: ChunksRequest, params: unknown): Promise<ChunksReply> {
  const contributions: { [child: string]: Contribution } = {};
  const done = new Map<number, Done>();
  let kept = false;
  for (const message of request.chunks) {
    if (machine.interrupted()) break;
    const outcome = await attempt(machine, request, message, params, false);
    if (outcome === null) break;
    done.set(message.chunk, { child: message.chunk, totals: outcome.totals });
    // All chunks of a bundle share its tag: where the tag names a body, each of them has to be in it.
    contributions[message.chunk] = outcome.contribution ?? { span: NO_SPAN };
    if (outcome.contribution !== null) kept = true;
  }
  if (!kept) return { body: null, done: [...done.values()] };
  /** Which item is to blame for a joined value that cannot be written is not known: then each is looked at. That may not help, if the join itself makes it so. */
  const strictly = async (child: number): Promise<Contribution | null> => {
    const message = request.chunks.find(({ chunk }) => chunk === child);
    const outcome = message ? await attempt(machine, request, message, params, true) : null;
    if (outcome === null) done.delete(child);
    if (!outcome?.contribution || problemOf(outcome.contribution) !== null) return null;
    done.set(child, { child, totals: outcome.totals });
    return outcome.contribution;
  };
  const body = await storeBody(machine.store, contributions, strictly);
  return { body, done: [...done.values()] };
}

function attempt(
  machine: Machine,
  { spec, careful }: ChunksRequest,
  message: ChunkMessage,
  params: unknown,
  strict: boolean,
): Promise<ChunkOutcome | null> {
  const { job, log, now, random, pulse = newPulse(), journal = null } = machine;
  const around: ChunkSurroundings = {
    job,
    params,
    label: spec.input.sources[message.source]?.label ?? "",
    chunk: message.chunk,
    log,
    signal: machine.signal(),
    deadlineAt: spec.deadlineAt,
    now,
    random,
    pulse,
    careful: null,
    strict,
  };
  const known = careful?.get(message.chunk);
  const how = known
    ? { ...around, careful: new CarefulAttempt(around, message, known, pulse, journal) }
    : around;
  return runChunk(how, spec, message, machine.store, machine.interrupted);
}
