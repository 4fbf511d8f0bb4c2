/** `npm run bench -- <name> [options]`: runs the contestants in turn, in one run. */
import { parseArgs } from "node:util";
import { chunks } from "./chunks.ts";
import { compare } from "./compare.ts";
import { cpu } from "./cpu.ts";
import { csv } from "./csv.ts";
import { page } from "./page.ts";
import { parquet } from "./parquet.ts";
import { io } from "./io.ts";
import { joins } from "./joins.ts";
import { latency } from "./latency.ts";
import { limit } from "./limit.ts";
import { memory } from "./memory.ts";
import { documentOf, print } from "./report.ts";
import type { Bench } from "./report.ts";
import { requests } from "./requests.ts";
import { start } from "./start.ts";
import { tail } from "./tail.ts";

const BENCHES: readonly Bench[] = [
  chunks,
  compare,
  csv,
  parquet,
  cpu,
  io,
  joins,
  limit,
  latency,
  start,
  memory,
  page,
  requests,
  tail,
];

const HELP = `Usage: npm run bench -- <name> [options]

${BENCHES.map(({ name, about }) => `  ${name.padEnd(9)}${about}`).join("\n")}

Options
  --rounds N    number of runs of each contestant; the figures are medians (default 3)
  --json        the last line of standard output is one JSON document with all figures
${BENCHES.map(({ name, options }) => `\n${name}\n${options}`).join("\n")}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", short: "h", default: false },
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    chunks: { type: "string", default: "100000" },
    curve: { type: "boolean", default: false },
    mb: { type: "string", default: "1000" },
    items: { type: "string" },
    uneven: { type: "boolean", default: false },
    batches: { type: "string", default: "300" },
    sizes: { type: "string", default: "10,100,1000" },
    "cpu-prof": { type: "string" },
    python: { type: "string", default: process.env["FANJOIN_BENCH_PYTHON"] ?? "python3" },
    only: { type: "string" },
    part: { type: "string" },
    quick: { type: "boolean", default: false },
    write: { type: "string" },
  },
});

const bench = BENCHES.find(({ name }) => name === positionals[0]);
if (values.help || !bench) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  const outcome = await bench.run(
    {
      rounds: count(values.rounds),
      chunks: count(values.chunks),
      curve: values.curve,
      mb: count(values.mb),
      items: values.items === undefined ? null : count(values.items),
      uneven: values.uneven,
      batches: count(values.batches),
      sizes: values.sizes.split(",").map(count),
      profileTo: values["cpu-prof"] ?? null,
      python: values.python,
      only: values.only?.split(",") ?? null,
      part: values.part ?? null,
      quick: values.quick,
      writeTo: values.write ?? null,
    },
    (line) => console.log(line),
  );
  print(outcome, console.log);
  if (values.json) console.log(JSON.stringify(documentOf(bench.name, outcome)));
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`${text} is not a whole number above 0`);
  process.exit(2);
}
