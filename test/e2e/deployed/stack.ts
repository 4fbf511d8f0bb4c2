/**
 * The stack of the end-to-end suite, for LocalStack only. The job that crashes has little time and memory, so
 * that it crashes soon.
 */
import { App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Fanjoin } from "../../../infra/fanjoin.ts";
import { requireLoopback } from "../../localstack/guard.ts";
import type { DeployedJobName } from "../driver.ts";
import { STACK } from "./stack-name.ts";

requireLoopback();

const stack = new Stack(new App(), STACK, { env: { account: "000000000000", region: "us-east-1" } });
const fanjoin = new Fanjoin(stack, "Fanjoin", { removalPolicy: RemovalPolicy.DESTROY, deleteObjects: true });

/** On a busy machine a cold start alone takes seconds. */
const PATIENT = { timeout: Duration.seconds(30), visibilityTimeout: Duration.seconds(32) };

function entry(job: DeployedJobName): URL {
  return new URL(`../jobs/${job}.ts`, import.meta.url);
}

const USUAL = { ...PATIENT, memory: 512, concurrency: 2, join: { ...PATIENT, memory: 512, concurrency: 2 } };

fanjoin.addJob("sales", { ...USUAL, entry: entry("sales") });
fanjoin.addJob("direct", { ...USUAL, entry: entry("direct"), transport: "invoke" });
fanjoin.addJob("tally", { ...USUAL, entry: entry("tally") });
fanjoin.addJob("owner", { ...USUAL, entry: entry("owner") });
fanjoin.addJob("homeless", { ...USUAL, entry: entry("homeless") });
fanjoin.addJob("generated", { ...USUAL, entry: entry("generated") });
fanjoin.addJob("limited", { ...USUAL, entry: entry("limited") });
fanjoin.addJob("patient", { ...USUAL, entry: entry("patient"), concurrency: 4 });
fanjoin.addJob("waits", {
  ...USUAL,
  entry: entry("waits"),
  concurrency: 4,
  memory: 256,
  timeout: Duration.seconds(5),
  visibilityTimeout: Duration.seconds(6),
});
fanjoin.addJob("unruly", {
  ...USUAL,
  entry: entry("unruly"),
  concurrency: 4,
  memory: 256,
  timeout: Duration.seconds(6),
  visibilityTimeout: Duration.seconds(7),
});
