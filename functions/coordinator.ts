/** Plans batches, closes their trees after `END`, and starts a batch for each uploaded object. */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { parseObjectsCreated } from "./events/object-created.ts";
import { planWithoutCode } from "../src/steps/time-limited/plan-without-code.ts";
import { TimeBudget } from "../src/runner/time-budget.ts";
import { uploaded } from "../src/steps/uploads.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { bodyOf, eachRecord, messageIn, reportFailed } from "./events/sqs-records.ts";

export function coordinatorHandler(host: Host): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, environment, log, count, patienceMs } = host;
  const timeBudget = new TimeBudget(ports.clock);
  const uploads = { ...host, isJob: (name: string) => environment.jobs.has(name) };
  const step = async (record: SQSRecord): Promise<void> => {
    const objects = parseObjectsCreated(bodyOf(record));
    for (const object of objects ?? []) {
      const outcome = await uploaded(uploads, object);
      const started = "batch" in outcome;
      log.info(started ? "upload started a batch" : "upload ignored", { ...object, ...outcome });
      if (started) count("BatchesStarted");
    }
    if (objects) return;
    const message = messageIn(record);
    if (message.kind !== "plan")
      throw new TypeError(`the coordinator received a message of kind ${message.kind}, not plan`);
    await planWithoutCode(ports, message, { timeBudget, patienceMs });
  };
  return async (event, context) => {
    timeBudget.begin(ports.clock.now() + context.getRemainingTimeInMillis());
    return eachRecord(event, step);
  };
}

export const handler = lambda("coordinator", coordinatorHandler, ({ log }) => [
  sqsPartialBatchFailure({ logger: reportFailed(log) }),
]);
