/** A stack in memory whose batches take time, and what it has of their reports. */
import type { APIGatewayProxyEvent } from "aws-lambda";
import { afterEach, beforeEach, vi } from "vitest";
import { apiHandler } from "../../../functions/api.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { reportName } from "../../../src/core/records/batch/report.ts";
import { countingJob } from "../../steps/jobs.ts";
import { integers } from "../stack/inputs.ts";
import { readSample } from "../stack/sample-events.ts";
import { SAMPLE_BATCH, memoryStack } from "../stack/stack.ts";
import { DIED } from "../stack/stack-interface.ts";
import type { Stack } from "../stack/stack-interface.ts";

/** The API signs URLs. */
export function withCredentials(): void {
  beforeEach(() => {
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
  });
  afterEach(() => void vi.unstubAllEnvs());
}

export const HTML = reportName(SAMPLE_BATCH, "html");
export const JSON_FILE = reportName(SAMPLE_BATCH, "json");
export const MADE = "the report of the batch is made";

/** How an item behaves; a test may change it between the runs. */
export interface Items {
  /** Milliseconds. */
  takes: number;
  /** The items that fail. */
  bad: readonly number[];
}

/** A batch of ten items, one after the other, that has not begun. */
export async function submitted(items: Items): Promise<Stack> {
  const job = countingJob(10, (n: number) => {
    stack.clock.advance(items.takes);
    if (items.bad.includes(n)) throw new Error(`no ${n}`);
    return n;
  });
  const stack: Stack = memoryStack([job]);
  await stack.submit(integers(10), { tells: true, concurrency: 1, chunk: { items: 5, bytes: null } });
  return stack;
}

export async function ended(items: Items): Promise<Stack> {
  const stack = await submitted(items);
  await stack.pump();
  return stack;
}

export async function ask(
  stack: Stack,
  path = "",
): Promise<{ readonly status: number; readonly body: string }> {
  const event = readSample("api-list") as APIGatewayProxyEvent;
  const resource = `/batches/${SAMPLE_BATCH}${path}`;
  const asked = { ...event, resource, queryStringParameters: null, multiValueQueryStringParameters: null };
  const answer = await stack.invoke(apiHandler, asked);
  if (answer === DIED) throw new Error("it died");
  return { status: answer.statusCode, body: answer.body };
}

export async function summaryOf(stack: Stack): Promise<BatchSummary> {
  return JSON.parse((await ask(stack)).body) as BatchSummary;
}

/** The data of the report in the store. */
export function reportIn(stack: Stack): { readonly summary: BatchSummary; readonly command: string | null } {
  return JSON.parse(stack.store.text(JSON_FILE)) as ReturnType<typeof reportIn>;
}

export async function isStored(stack: Stack): Promise<boolean> {
  return (await stack.store.stat(HTML)) !== null;
}

export const said = (stack: Stack, level: string): string[] =>
  stack.lines.filter((line) => line.level === level).map(({ message }) => message);

/** `before` runs before each file is written. */
export function onWrite(stack: Stack, before: (name: string) => Promise<void> | void): void {
  const compose = stack.store.compose.bind(stack.store);
  Object.assign(stack.store, {
    async compose(...[name, ...rest]: Parameters<typeof compose>) {
      await before(name);
      return compose(name, ...rest);
    },
  });
}
