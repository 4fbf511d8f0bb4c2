/** A runner in this process: what a Lambda, and each thread of the embedded engine, runs a user's job with. */
import type { Contribution, Contributions } from "../core/contribution.ts";
import type { ChunkMessage } from "../core/message.ts";
import type { Done } from "../core/task.ts";
import { NO_SPAN } from "../core/span.ts";
import type { Job, Logger } from "../job.ts";
import type { ObjectStore } from "../ports.ts";
import type { Surroundings } from "./attempt-item.ts";
import type { BatchSpec } from "./batch.ts";
import { loadBody, storeBody } from "./bodies.ts";
import { parseParams } from "./params.ts";
import { redoChunk } from "./redo-chunk.ts";
import { runChunk } from "./run-chunk.ts";
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

async function runChunks(
  machine: Machine,
  { spec, chunks, formers = {} }: ChunksRequest,
  params: unknown,
): Promise<ChunksReply> {
  const formerOf = formerContributions(machine.store, formers);
  const contributions: { [child: string]: Contribution } = {};
  const done: Done[] = [];
  let kept = false;
  for (const message of chunks) {
    if (machine.interrupted()) break;
    const around: Surroundings = {
      job: machine.job,
      params,
      label: spec.input.sources[message.source]?.label ?? "",
      chunk: message.chunk,
      log: machine.log,
      signal: machine.signal(),
      deadlineAt: spec.deadlineAt,
      now: machine.now,
      random: machine.random,
    };
    const { store, interrupted } = machine;
    const outcome =
      message.generation === 0
        ? await runChunk(around, spec, message, store, interrupted)
        : await redoChunk(around, spec, message, store, interrupted, await formerOf(message));
    if (outcome === null) break;
    done.push({ child: message.chunk, totals: outcome.totals });
    // All chunks of a bundle share its tag: where the tag names a body, each of them has to be in it.
    contributions[message.chunk] = outcome.contribution ?? { span: NO_SPAN };
    if (outcome.contribution !== null) kept = true;
  }
  return { body: kept ? await storeBody(machine.store, contributions) : null, done };
}

/** What chunks came to before a redrive. Each body is read once. */
function formerContributions(
  store: ObjectStore,
  formers: NonNullable<ChunksRequest["formers"]>,
): (message: ChunkMessage) => Promise<Contribution | null> {
  const loaded = new Map<string, Promise<Contributions>>();
  return async ({ chunk, former }) => {
    const body = former === undefined ? undefined : formers[former];
    if (former === undefined || !body) return null;
    const contributions = loaded.get(former) ?? loadBody(store, body);
    loaded.set(former, contributions);
    return (await contributions)[chunk] ?? null;
  };
}
