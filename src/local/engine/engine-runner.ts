/** Where the engine has users' code run: in the threads of the batch's job, or in a child process. */
import { needsChild } from "../../core/records/crash-journal.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { Runner } from "../../runner/runner.ts";
import type { JobThreads } from "./job-threads.ts";
import { Stopped } from "./pump.ts";

export interface EngineRunnerOptions {
  readonly threads: () => JobThreads;
  /** Whether the batch is to go on: too late to be interrupted, early enough not to begin. */
  readonly isWanted: (batch: string) => boolean;
  readonly specOf: (batch: string) => BatchSpec;
}

export function engineRunner({ threads, isWanted, specOf }: EngineRunnerOptions): Runner {
  return {
    async plan(request) {
      const { batch } = request.spec;
      const cut = isWanted(batch) ? await threads().planner(request.spec).plan(request) : null;
      if (cut === null) throw new Stopped("planning was interrupted");
      if (cut.ranges.length === 0) await threads().dismiss(batch);
      return cut;
    },
    async chunks(request) {
      if (!isWanted(request.spec.batch)) return { body: null, done: [] };
      const isolated = [...(request.careful?.values() ?? [])].some(needsChild);
      const where = isolated ? threads().isolated(request.spec) : threads().of(request.spec);
      return where.chunks(request);
    },
    merge: async (request) => threads().of(specOf(request.batch)).merge(request),
  };
}
