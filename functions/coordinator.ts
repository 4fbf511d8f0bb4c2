/** Plans batches and brings them to their end; starts one for each object that is uploaded. */
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
      const came = await uploaded(uploads, object);
      log.info("batch" in came ? "an upload is a batch" : "an upload is no batch", { ...object, ...came });
      if ("batch" in came) count("BatchesStarted");
    }
    if (objects) return;
    const message = messageIn(record);
    if (message.kind !== "plan") throw new TypeError(`a ${message.kind} is no work for the coordinator`);
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
