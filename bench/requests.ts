/**
 * Counts what a batch costs on AWS: requests, by a middleware of the SDK, and write units, as DynamoDB counts
 * them. Nothing is timed.
 *
 * It runs without LocalStack: the SDK talks to services in this process (`test/memory/`). The ports' contract
 * suites check that these behave like LocalStack's.
 */
import type { Charge } from "../test/memory/dynamodb.ts";
import { defineJob, lines, range, sum } from "../src/index.ts";
import { EXPRESS_GB, PRICES, PRICES_DATE } from "./aws-prices.ts";
import { compete } from "./contestant.ts";
import type { Contestant, Figures, Run } from "./contestant.ts";
import { simulate } from "./simulated-stack.ts";
import type { Simulation, SimulationResult } from "./simulated-stack.ts";
import { figureOf } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

const ITEMS = 1_000_000;
const ITEMS_PER_CHUNK = 100;
/** The billed duration of an Express workflow for each chunk. */
const EXPRESS_SECONDS = 1;

const process = (n: number): number => n;
const joins = defineJob({ name: "joins", input: range(0), process, join: sum() });
const joinsLines = defineJob({
  name: "joins-lines",
  input: lines(),
  process: (line) => line.length,
  join: sum(),
});
const hedges = defineJob({ name: "hedges", input: range(0), process, join: sum(), hedge: true });
const joinsNothing = defineJob({ name: "joins-nothing", input: range(0), process });

const USUAL = { shuffled: false, twice: 0, direct: false, late: 0 };
const SIMULATIONS: readonly (Omit<Simulation, "items" | "itemsPerChunk"> & { readonly name: string })[] = [
  { ...USUAL, name: "no partials, in order", job: joinsNothing },
  { ...USUAL, name: "no partials, shuffled", job: joinsNothing, shuffled: true },
  { ...USUAL, name: "small partials, in order", job: joins },
  { ...USUAL, name: "small partials, shuffled", job: joins, shuffled: true },
  { ...USUAL, name: "shuffled, 1 in 100 twice", job: joins, shuffled: true, twice: 100 },
  { ...USUAL, name: "shuffled, hedge, none is slow", job: hedges, shuffled: true },
  { ...USUAL, name: "shuffled, 1 in 100 is slow", job: joins, shuffled: true, late: 100 },
  { ...USUAL, name: "shuffled, hedge, 1 in 100 is slow", job: hedges, shuffled: true, late: 100 },
  { ...USUAL, name: "lines of an object, in order", job: joinsLines },
  { ...USUAL, name: "small partials, invoked", job: joins, direct: true },
];

function contestantsOf(items: number): Contestant[] {
  return [
    ...SIMULATIONS.map(({ name, ...options }) => ({
      name,
      about: options.direct ? "chunks by asynchronous invoke" : "chunks by SQS, ten per delivery",
      missing: null,
      run: async (): Promise<Run> => {
        const simulated = await simulate({ ...options, items, itemsPerChunk: ITEMS_PER_CHUNK });
        return { figures: figuresOf(simulated, items), answer: `${totalsOf(simulated)} of ${items} items` };
      },
    })),
    mapped(
      "Distributed Map, Standard",
      "one task per child workflow, no retries",
      PRICES.stepTransition,
      items,
    ),
    mapped(
      "Distributed Map, Express",
      `child workflows of ${EXPRESS_SECONDS} s with the smallest memory`,
      PRICES.expressRequest + EXPRESS_GB * EXPRESS_SECONDS * PRICES.expressGbSecond,
      items,
    ),
  ];
}

/** The smallest charge of Step Functions: child workflows of one chunk each, with a single step. */
function mapped(name: string, about: string, dollarsPerChild: number, items: number): Contestant {
  const cents = (dollarsPerChild + PRICES.lambdaRequest) * (ITEMS / ITEMS_PER_CHUNK) * 100;
  const answer = `${items} of ${items} items`;
  return { name, about, missing: null, run: async () => ({ figures: { cents }, answer }) };
}

function figuresOf({ requests, charges, polls, invocations }: SimulationResult, items: number): Figures {
  const chunks = items / ITEMS_PER_CHUNK;
  const sent = (command: RegExp): number =>
    [...requests].reduce((sum, [name, times]) => sum + (command.test(name) ? times : 0), 0);
  const total = (units: (charge: Charge) => number): number =>
    charges.reduce((sum, charge) => sum + units(charge), 0);
  const writeUnits = total((charge) => charge.writeUnits);
  const readUnits = total((charge) => charge.readUnits);
  const sqs = sent(/^SendMessageBatch/) + polls;
  const puts = sent(/^(Put|Create|Upload|Complete)/);
  const gets = sent(/^(Get|Head)/);
  const dollars =
    writeUnits * PRICES.dynamoWrite +
    readUnits * PRICES.dynamoRead +
    sqs * PRICES.sqsRequest +
    invocations * PRICES.lambdaRequest +
    puts * PRICES.s3Put +
    gets * PRICES.s3Get;
  return {
    writeUnits: writeUnits / chunks,
    refused: total(({ refused, writeUnits }) => (refused ? writeUnits : 0)) / chunks,
    readUnits: readUnits / chunks,
    sqs: sqs / chunks,
    invocations: invocations / chunks,
    puts: puts / chunks,
    gets: gets / chunks,
    cents: (dollars / items) * ITEMS * 100,
  };
}

function totalsOf({ batch }: SimulationResult): number {
  return (batch["totals"] as { succeeded?: number } | undefined)?.succeeded ?? 0;
}

async function run({ items }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  // The counts are the same in every round, so one round is enough.
  const standings = await compete(contestantsOf(items ?? ITEMS), 1, ({ contestant }) =>
    say(`counted: ${contestant}`),
  );
  const target = (figure: string, what: string, name: string, atMost: number): Target => {
    const value = figureOf(standings, name, figure);
    // Rounded to the precision of the targets.
    return {
      name: `${what} a chunk, ${name}`,
      value: value === null ? null : Math.round(value * 100) / 100,
      atMost,
    };
  };
  return {
    contestants: standings,
    shown: {
      writeUnits: "write units",
      refused: "of them refused",
      readUnits: "read units",
      sqs: "SQS requests",
      invocations: "invocations",
      puts: "S3 PUTs",
      gets: "GETs",
      cents: "cents / 1 M items",
    },
    targets: [
      target("writeUnits", "write units", "no partials, shuffled", 1.02),
      target("writeUnits", "write units", "small partials, shuffled", 1.15),
      target("writeUnits", "write units", "small partials, in order", 0.3),
      target("sqs", "SQS requests", "small partials, shuffled", 0.32),
      target("invocations", "invocations", "small partials, shuffled", 0.11),
      target("puts", "S3 PUTs", "small partials, shuffled", 0),
      target("gets", "GETs", "lines of an object, in order", 0.2),
    ],
    notes: [
      `Counted, not timed. Figures are per chunk of ${ITEMS_PER_CHUNK} items and cover everything from submission to result. SQS requests include receives that returned messages, and their deletes.`,
      `Prices of us-east-1, ${PRICES_DATE}, without free tiers. Lambda's charge for duration is equal for all contestants and not included.`,
    ],
  };
}

export const requests: Bench = {
  name: "requests",
  about: "what a batch of a million items costs on AWS, counted on services in this process",
  options: `  --items N     number of items (default ${ITEMS}), ${ITEMS_PER_CHUNK} per chunk`,
  run,
};
