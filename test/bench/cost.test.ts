/** What a batch says that it has cost, beside the calls that were counted and their published prices. */
import { expect, test } from "vitest";
import { PRICES } from "../../bench/aws-prices.ts";
import { estimateOf } from "../../src/batch/estimate.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import { simulate } from "../../bench/simulated-stack.ts";
import type { Simulation, SimulationResult } from "../../bench/simulated-stack.ts";
import { defineJob, lines, range, sum } from "../../src/index.ts";

const numbers = defineJob({ name: "numbers", input: range(0), process: (n: number) => n, join: sum() });
const text = defineJob({ name: "text", input: lines(), process: (line) => line.length, join: sum() });

function charged({ requests, charges, polls, invocations }: SimulationResult): number {
  const sent = (command: RegExp): number =>
    [...requests].reduce((all, [name, times]) => all + (command.test(name) ? times : 0), 0);
  const units = (name: "writeUnits" | "readUnits"): number =>
    charges.reduce((all, one) => all + one[name], 0);
  return (
    units("writeUnits") * PRICES.dynamoWrite +
    units("readUnits") * PRICES.dynamoRead +
    (sent(/^SendMessageBatch/) + polls) * PRICES.sqsRequest +
    invocations * PRICES.lambdaRequest +
    sent(/^(Put|Create|Upload|Complete)/) * PRICES.s3Put +
    sent(/^(Get|Head)/) * PRICES.s3Get
  );
}

const USUAL = { shuffled: false, twice: 0, direct: false, late: 0, items: 100_000, itemsPerChunk: 100 };

test.for<[string, Simulation]>([
  ["in order", { ...USUAL, job: numbers }],
  ["shuffled", { ...USUAL, job: numbers, shuffled: true }],
  ["shuffled, one delivery in 10 twice", { ...USUAL, job: numbers, shuffled: true, twice: 10 }],
  ["lines of an object", { ...USUAL, job: text }],
  ["by direct invocation", { ...USUAL, job: numbers, direct: true }],
])("%s: the requests of a batch cost what its calls cost, to 5 %", async ([, options]) => {
  const result = await simulate(options);
  const counted = charged(result);
  const { parts } = result.cost ?? { parts: { requests: 0 } };
  expect(Math.abs(parts.requests / counted - 1), `${parts.requests} for ${counted}`).toBeLessThan(0.05);
});

test("an estimate of the requests is no lower than what they cost, and at most 40 % higher", async () => {
  const result = await simulate({ ...USUAL, job: numbers, shuffled: true });
  const spec = result.batch as unknown as Parameters<typeof estimateOf>[0];
  const totals = { ...NO_TOTALS, succeeded: USUAL.items, units: USUAL.items };
  const { cost, chunks } = estimateOf(spec, totals);
  expect(chunks).toBe(USUAL.items / USUAL.itemsPerChunk);
  const times = cost.parts.requests / charged(result);
  expect(times).toBeGreaterThanOrEqual(1);
  expect(times).toBeLessThan(1.4);
});
