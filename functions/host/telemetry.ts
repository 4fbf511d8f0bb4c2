/**
 * Logs of functions as JSON lines, and CloudWatch metrics in the embedded metric format (EMF): they are log
 * lines too, so they cost no request.
 */
import { Logger as PowertoolsLogger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";
import type { BatchState } from "../../src/core/records/batch/batch.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import type { Logger } from "../../src/job/job.ts";

const NAMESPACE = "fanjoin";

export type Metric =
  | "ItemsSucceeded"
  | "ItemsFailed"
  | "ChunksSettled"
  | "AttemptsFailed"
  | "BatchesStarted"
  | "BatchesEnded"
  | "BatchesFailed"
  | "DeadLetters";

export interface Telemetry {
  /** Every line names its function. `LOG_LEVEL` sets the lowest level that is logged. */
  readonly log: Logger;
  readonly count: (metric: Metric, value?: number) => void;
  /** The time of a chunk, in milliseconds: the metric `ChunkTime`, of which CloudWatch knows percentiles. */
  readonly timeChunk: (ms: number) => void;
}

/** The telemetry of the function `name`. `stack` and `job` become dimensions of the metrics. */
export function createTelemetry(
  name: string,
  stack: string,
  job: string | null,
): Telemetry & { readonly middleware: MiddlewareObj } {
  const log = new PowertoolsLogger({ serviceName: stack, persistentKeys: { function: name } });
  const metrics = new Metrics({
    namespace: NAMESPACE,
    serviceName: stack,
    ...(job === null ? {} : { defaultDimensions: { job } }),
  });
  const publish = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    log: {
      debug: (message, fields) => log.debug(message, { ...fields }),
      info: (message, fields) => log.info(message, { ...fields }),
      warn: (message, fields) => log.warn(message, { ...fields }),
      error: (message, fields) => log.error(message, { ...fields }),
    },
    count(metric, value = 1) {
      if (value > 0) metrics.addMetric(metric, "Count", value);
    },
    timeChunk: (ms) => void metrics.addMetric("ChunkTime", "Milliseconds", ms),
    middleware: {
      before: ({ context }) => log.addContext(context),
      after: publish,
      onError({ error }) {
        log.error("invocation failed", { error });
        publish();
      },
    },
  };
}

/** A log that adds the fields `more` to every line. */
export function withFields(log: Logger, more: { readonly [name: string]: unknown }): Logger {
  return {
    debug: (message, fields) => log.debug(message, { ...fields, ...more }),
    info: (message, fields) => log.info(message, { ...fields, ...more }),
    warn: (message, fields) => log.warn(message, { ...fields, ...more }),
    error: (message, fields) => log.error(message, { ...fields, ...more }),
  };
}

/** Counts settled chunks and their items. */
export function countSettled({ count }: Telemetry, { chunks, succeeded, failed }: Totals): void {
  count("ChunksSettled", chunks);
  count("ItemsSucceeded", succeeded);
  count("ItemsFailed", failed);
}

/** Logs and counts the end of a batch. */
export function countEnded({ count, log }: Telemetry, state: BatchState, batch: string): void {
  log.info("batch ended", { batch, state });
  count("BatchesEnded");
  if (state === "failed") count("BatchesFailed");
}
