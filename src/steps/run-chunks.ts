/** A runner in this process: what a Lambda, and each thread of the embedded engine, runs a user's job with. */
import type { Contribution } from "../core/contribution.ts";
import type { Done } from "../core/task.ts";
import { NO_SPAN } from "../core/span.ts";
import type { Job, Logger } from "../job.ts";
import type { ObjectStore } from "../ports.ts";
import type { Surroundings } from "./attempt-item.ts";
import type { BatchSpec } from "./batch.ts";
import { storeBody } from "./bodies.ts";
import { parseParams } from "./params.ts";
import { runChunk } from "./run-chunk.ts";
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
}

export function createRunner(machine: Machine): Runner {
  /** Parameters as the job's schema made them, by batch. */
  const parsed = new Map<string, unknown>();
  const paramsOf = async ({ batch, params }: BatchSpec): Promise<unknown> => {
    if (!parsed.has(batch)) parsed.set(batch, await parseParams(machine.job, params));
    return parsed.get(batch);
  };
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
    chunks: async (request) => runChunks(machine, request, await paramsOf(request.spec)),
    merge: (request) => runMerge(machine.job, machine.store, request),
  };
}

async function runChunks(
  machine: Machine,
  { spec, chunks }: ChunksRequest,
  params: unknown,
): Promise<ChunksReply> {
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
    const outcome = await runChunk(around, spec, message, machine.store, machine.interrupted);
    if (outcome === null) break;
    done.push({ child: message.chunk, totals: outcome.totals });
    // All chunks of a bundle share its tag: where the tag names a body, each of them has to be in it.
    contributions[message.chunk] = outcome.contribution ?? { span: NO_SPAN };
    if (outcome.contribution !== null) kept = true;
  }
  return { body: kept ? await storeBody(machine.store, contributions) : null, done };
}
