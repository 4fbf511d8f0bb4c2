/** A runner in this process: it runs in Lambda functions and in the threads of the embedded engine. */
import type { BatchSpec } from "../batch/spec.ts";
import { deepFreeze } from "../job/deep-freeze.ts";
import { parseParams } from "../job/params.ts";
import { Own } from "./own.ts";
import { Slots } from "./slots/slots.ts";
import { RunnerLimits } from "./limits/runner-limits.ts";
import { newHeartbeat } from "./poison/heartbeat.ts";
import { runMerge } from "./merge/run-merge.ts";
import { generated } from "./generate/generated-plan.ts";
import type { GeneratedPlan } from "./generate/generated-plan.ts";
import { generatorFeed } from "./generate/generator-feed.ts";
import type { PlanRequest, Runner } from "./runner.ts";
import type { Machine, SharedMachine } from "./machine.ts";
import { runBundle } from "./chunk/bundle/run-bundle.ts";

/** A runner with what the job's `setup` made. */
export interface JobRunner extends Runner {
  /** Ends what `setup` made, if it has made anything, in at most `TEARDOWN_MS`. Never rejects. */
  teardown(): Promise<void>;
}

/** One runner for each thread, process or Lambda environment: the job's `setup` runs once for each. */
export function createRunner(machine: Machine): JobRunner {
  /** Params as the job's schema made them, by batch. */
  const parsed = new Map<string, unknown>();
  const paramsOf = async ({ batch, params }: BatchSpec): Promise<unknown> => {
    if (!parsed.has(batch)) parsed.set(batch, deepFreeze(await parseParams(machine.job, params)));
    return parsed.get(batch);
  };
  const heartbeat = machine.heartbeat ?? newHeartbeat();
  const limits = machine.limits ? new RunnerLimits(machine.limits, machine) : null;
  const slots = new Slots(heartbeat, machine.job.options.concurrency);
  const shared = { ...machine, limits, heartbeat, slots };
  const own = new Own(shared);
  const of = (batch: string): SharedMachine => ({ ...shared, store: machine.store.of(batch) });
  /** Running generators, by batch. */
  const plans = new Map<string, GeneratedPlan>();
  const planOf = async ({ spec, last }: PlanRequest): Promise<GeneratedPlan> => {
    const known = plans.get(spec.batch);
    if (known && known.at() === (last?.ranges.at(-1)?.end ?? 0)) return known;
    known?.close();
    const { generate } = machine.job.input;
    if (generate === undefined) throw new Error(`job ${machine.job.name} has no generator`);
    const context = { params: await paramsOf(spec), signal: machine.signal() };
    const feed = generatorFeed(generate, context, machine.interrupted);
    const sized = spec.chunk.items !== null || spec.chunk.bytes !== null;
    const { maxItems } = spec.input;
    const plan = generated({ feed, store: machine.store.of(spec.batch), last, sized, maxItems });
    plans.set(spec.batch, plan);
    return plan;
  };
  return {
    async plan(request) {
      const { batch } = request.spec;
      const plan = await planOf(request);
      let goesOn = false;
      try {
        const cut = await plan.next(request.next);
        goesOn = cut !== null && cut.ranges.length > 0;
        return cut;
      } finally {
        // Also if the entry could not be written: the items that were made for it are made once more.
        if (!goesOn) {
          plan.close();
          plans.delete(batch);
        }
      }
    },
    async chunks(request, events) {
      const params = await paramsOf(request.spec);
      if (!own.isReady && !(await own.begin())) return { body: null, done: [] };
      return runBundle(of(request.spec.batch), request, { params, own: own.value, ...events });
    },
    merge: (request) => runMerge({ ...machine, store: machine.store.of(request.batch) }, request),
    teardown: () => own.end(),
  };
}
