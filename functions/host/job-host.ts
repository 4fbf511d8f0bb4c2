/** A job's code with what worker and join need to run it in limited time. */
import type { ChunkMessage } from "../../src/core/records/message.ts";
import type { Job } from "../../src/job/job.ts";
import { attemptOf } from "../../src/steps/bundle/delivery.ts";
import type { ChunkDelivery } from "../../src/steps/bundle/delivery.ts";
import { createTimeLimitedRunner } from "../../src/steps/time-limited/time-limited-runner.ts";
import type { TimeLimitedRunner } from "../../src/steps/time-limited/time-limited-runner.ts";
import { timeLimitedWorker } from "../../src/steps/time-limited/time-limited-worker.ts";
import type { TimeLimitedReport } from "../../src/steps/time-limited/time-limited-worker.ts";
import { timedRunner } from "../../src/steps/leaf-history.ts";
import type { ItemTimes } from "../../src/ports.ts";
import type { Host } from "./middleware.ts";
import { countSettled, withFields } from "./telemetry.ts";

export interface JobHost extends TimeLimitedRunner {
  /** Runs chunks, logs failed attempts and counts what was settled. */
  work<D extends ChunkDelivery>(deliveries: readonly D[]): Promise<TimeLimitedReport<D>>;
}

export function createJobHost(host: Host, job: Job): JobHost {
  const { ports, random, within, log, count, timeChunk, environment } = host;
  const larger = environment.larger.has(job.name);
  /** The attempt numbers of this invocation's chunks, for the log. */
  const attempts = new Map<string, number>();
  const fieldsOf = ({ batch, chunk, generation }: ChunkMessage): object => {
    const attempt = attempts.get(`${batch}/${generation}/${chunk}`);
    return { job: job.name, batch, chunk, attempt };
  };
  const { runner: plain, ...timeLimited } = createTimeLimitedRunner({
    job,
    log,
    random,
    within,
    store: ports.store,
    ledger: ports.ledger,
    clock: ports.clock,
    newTag: ports.newTag,
    postpones: environment.jobs.get(job.name) === "sqs",
    logOf: (message) => withFields(log, { ...fieldsOf(message) }),
  });
  const note: ItemTimes["note"] = (_, { done }) => {
    for (const { totals, tookMs = totals.ms } of done) timeChunk(tookMs);
  };
  const runner = { ...plain, ...timedRunner(plain, { note }) };
  if (job.teardown) host.onShutdown?.(() => plain.teardown());
  const onFailure = (error: unknown, chunks: readonly ChunkMessage[]): void => {
    count("AttemptsFailed", chunks.length);
    for (const chunk of chunks)
      log.warn("attempt at a chunk failed; it is tried again", { ...fieldsOf(chunk), error });
  };
  return {
    ...timeLimited,
    runner,
    async work(deliveries) {
      attempts.clear();
      for (const delivery of deliveries) {
        const { batch, generation, chunk } = delivery.message;
        attempts.set(`${batch}/${generation}/${chunk}`, attemptOf(delivery));
      }
      const report = await timeLimitedWorker(
        { ...timeLimited, runner, ports, larger, onFailure },
        deliveries,
      );
      for (const totals of report.settled.values()) countSettled(host, totals);
      return report;
    },
  };
}
