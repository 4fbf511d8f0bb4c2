/** The runner of the engine: users' code runs in the threads of the batch's job, or in a child process. */
import { needsChild } from "../../../core/records/attempts/crash-journal.ts";
import type { BatchSpec } from "../../../batch/spec.ts";
import type { MergeReply, Runner } from "../../../runner/runner.ts";
import type { Ledger } from "../../../ports.ts";
import type { ThreadChunksReply } from "../../threads/pool/thread-runner.ts";
import type { Chaos } from "./chaos.ts";
import { EarlyMerges } from "./early-merges.ts";
import type { JobThreads } from "./job-threads.ts";
import type { BatchRecorder } from "../history/batch-recorder.ts";
import { laneOf } from "../history/histories.ts";
import { recorded } from "../history/recorded.ts";
import { newTag } from "./new-tag.ts";
import { Stopped } from "../pumping/pump.ts";

export interface EngineRunnerOptions {
  readonly threads: () => JobThreads;
  readonly ledger: () => Pick<Ledger, "read">;
  /** Whether work of the batch may begin. */
  readonly isWanted: (batch: string) => boolean;
  readonly specOf: (batch: string) => BatchSpec;
  readonly chaos: () => Chaos | undefined;
  readonly recorderOf: (batch: string) => BatchRecorder | undefined;
}

export function engineRunner(options: EngineRunnerOptions): Runner {
  const { threads, ledger, isWanted, specOf, chaos, recorderOf } = options;
  const early = new EarlyMerges(ledger);
  return {
    async plan(request) {
      const { batch } = request.spec;
      const cut = isWanted(batch) ? await threads().plannerOf(request.spec).plan(request) : null;
      if (cut === null) throw new Stopped("planning was interrupted");
      if (cut.ranges.length === 0) await threads().dismissPlanner(batch);
      return cut;
    },
    async chunks(request, events) {
      if (!isWanted(request.spec.batch)) return { body: null, done: [] };
      const recorder = recorderOf(request.spec.batch);
      const inChild = [...(request.careful?.values() ?? [])].some(needsChild);
      if (inChild)
        return recorded(recorder, request, undefined, () => threads().childOf(request.spec).chunks(request));
      const pool = threads().of(request.spec);
      const leaf = await early.leafOf(request);
      const asked = leaf === null ? request : { ...request, leaf: { ...leaf, tag: newTag() } };
      return recorded(recorder, request, events, async (told) => {
        const run = (): Promise<ThreadChunksReply> => pool.chunks(asked, told);
        const reply = await (chaos()?.disturb(run, pool) ?? run());
        early.keep(request.spec.batch, leaf, reply);
        return reply;
      });
    },
    async merge(request) {
      const made = await early.take(request);
      if (made) {
        recorderOf(request.batch)?.merged(laneOf(made.thread), request.index, made.from, made.to);
        return made.reply;
      }
      const pool = threads().of(specOf(request.batch));
      const began = Date.now();
      let lane = "";
      const run = (): Promise<MergeReply> =>
        pool.merge(request, { onThread: (thread) => void (lane = laneOf(thread)) });
      const reply = await (chaos()?.disturb(run, pool) ?? run());
      recorderOf(request.batch)?.merged(lane, request.index, began, Date.now());
      return reply;
    },
  };
}
