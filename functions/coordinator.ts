/**
 * Plans batches, closes their trees after `END`, and starts a batch for each uploaded object and for each
 * time of a schedule. It also makes the reports of batches that ran for long: it runs no job's code.
 */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { parseObjectsCreated } from "./events/object-created.ts";
import { apiHost } from "./host/api-host.ts";
import type { ApiHost } from "../src/api/host.ts";
import { startTick } from "../src/api/start-tick.ts";
import { tickName } from "../src/core/cron.ts";
import { FanjoinError } from "../src/core/errors/errors.ts";
import type { ReportMessage, TickMessage } from "../src/core/records/message.ts";
import { parseTick } from "./events/tick-event.ts";
import { planWithoutCode } from "../src/steps/time-limited/plan-without-code.ts";
import { TimeBudget } from "../src/runner/time-budget.ts";
import { uploaded } from "../src/steps/uploads.ts";
import type { ObjectCreated, UploadHost } from "../src/steps/uploads.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { bodyOf, eachRecord, messageIn, reportFailed } from "./events/sqs-records.ts";

/** A time that waits for the batch before is looked at again after so long. */
const TICK_AGAIN_MS = 30_000;

export function coordinatorHandler(host: Host): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, environment, log, count, patienceMs } = host;
  const timeBudget = new TimeBudget(ports.clock);
  const { bucket, readable, jobs } = environment;
  const uploads: UploadHost = {
    ...host,
    isJob: (name) => jobs.has(name),
    isInputBucket: (name) => name === bucket || readable.includes(name),
  };
  const start = async (object: ObjectCreated): Promise<void> => {
    const outcome = await uploaded(uploads, object);
    const started = "batch" in outcome;
    log.info(started ? "upload started a batch" : "upload ignored", { ...object, ...outcome });
    if (started) count("BatchesStarted");
  };
  const api = (): ApiHost => (known ??= apiHost(host));
  let known: ApiHost | null = null;
  const tick = async (message: TickMessage): Promise<void> => {
    const { job } = message;
    const time = tickName(message.at);
    try {
      const outcome = await startTick(api(), message);
      if ("waits" in outcome) await ports.queue.send("coordinator", [message], { delayMs: TICK_AGAIN_MS });
      else
        log.info("skipped" in outcome ? "schedule skipped" : "schedule started a batch", {
          job,
          time,
          ...outcome,
        });
    } catch (error) {
      // Another attempt would end in the same way.
      if (!(error instanceof FanjoinError) || error.retryable) throw error;
      log.error("schedule started no batch", { job, time, error });
    }
  };
  const report = async ({ batch }: ReportMessage): Promise<void> => {
    try {
      // Loaded here: no other message needs it.
      const { makeReport } = await import("./host/make-report.ts");
      log.info(await makeReport(host, api(), batch), { batch });
    } catch (error) {
      log.warn("the report of the batch was not made; fanjoin report --stack makes one", { batch, error });
    }
  };
  const step = async (record: SQSRecord): Promise<void> => {
    const { messageId } = record;
    const scheduled = parseTick(bodyOf(record));
    if (scheduled) return tick(scheduled);
    const objects = parseObjectsCreated(bodyOf(record), (reason, ignored) =>
      log.warn("record of an event ignored", { messageId, reason, record: ignored }),
    );
    if (objects) return startAll(objects, start);
    const message = messageIn(record);
    if (message.kind === "report") return report(message);
    if (message.kind !== "plan")
      throw new TypeError(
        `the coordinator received a message of kind ${message.kind}, neither plan nor report`,
      );
    await planWithoutCode(ports, message, { timeBudget, patienceMs });
  };
  return async (event, context) => {
    timeBudget.begin(ports.clock.now() + context.getRemainingTimeInMillis());
    host.meter.begin({ polled: true });
    return eachRecord(event, step);
  };
}

/**
 * Starts what can be started, before an error makes the whole message come again. Those that have started
 * are not started twice.
 */
async function startAll(
  objects: readonly ObjectCreated[],
  start: (object: ObjectCreated) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  for (const object of objects) await start(object).catch((error: unknown) => errors.push(error));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} uploads could not be started`);
}

export const handler = lambda("coordinator", coordinatorHandler, ({ log }) => [
  sqsPartialBatchFailure({ logger: reportFailed(log) }),
]);
