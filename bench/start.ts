/**
 * How long `fanjoin run` of a small file takes, from the shell's point of view: start, run, summary, exit.
 *
 * Loading code limits it: Node itself, the command line's modules, then in each thread the engine's
 * and the job's. The compile cache keeps what was compiled; with an empty one ("first start") types are
 * stripped and everything is compiled. Directory, database and the syncs of a durable batch take some ten
 * milliseconds.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compete, timed } from "./contestant.ts";
import type { Contestant, Run } from "./contestant.ts";
import { figureOf, format } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

const FANJOIN = fileURLToPath(new URL("../bin/fanjoin.js", import.meta.url));
const JOB = fileURLToPath(new URL("jobs/sales-by-country.ts", import.meta.url));
const BARE = fileURLToPath(new URL("contestants/bare-start.ts", import.meta.url));
const SALES = "country,amount\nNorway,12\nPeru,30\nNorway,5\n";
const TOTALS = JSON.stringify({ Norway: { total: 17, n: 2 }, Peru: { total: 30, n: 1 } });
/** Processes are short, so that each round may have several. */
const STARTS_PER_ROUND = 3;

/** Runs in a directory of its own with one small file; `answerOf` finds the totals in what was printed. */
async function started(
  args: readonly string[],
  answerOf: (output: string) => unknown,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  const cwd = await mkdtemp(join(tmpdir(), "fanjoin-bench-"));
  try {
    await writeFile(join(cwd, "sales.csv"), SALES);
    const compileCache = env === process.env ? {} : { NODE_COMPILE_CACHE: join(cwd, "cache") };
    const { output, processMs } = await timed(process.execPath, args, {
      cwd,
      env: { ...env, ...compileCache },
    });
    return { figures: { processMs }, answer: JSON.stringify(answerOf(output)) };
  } finally {
    await rm(cwd, { recursive: true });
  }
}

function valueOf(summary: string): unknown {
  return (JSON.parse(summary) as { result: { value: unknown } }).result.value;
}

function contestants(): Contestant[] {
  const run = [FANJOIN, "run", JOB, "sales.csv", "--quiet", "--json"];
  return [
    {
      name: "fanjoin run",
      about: "a CSV file of three rows, grouped by country; a directory of its own",
      missing: null,
      run: () => started(run, valueOf),
    },
    {
      name: "fanjoin run, first start",
      about: "the same with an empty compile cache",
      missing: null,
      run: () => started(run, valueOf, { ...process.env }),
    },
    {
      name: "bare script",
      about: "uDSV and a loop, the same file and totals, in one process",
      missing: null,
      run: () => started([BARE, "sales.csv"], JSON.parse),
    },
    {
      name: "node -e 0",
      about: "Node itself",
      missing: null,
      run: () => started(["-e", "0"], () => JSON.parse(TOTALS) as unknown),
    },
  ];
}

async function run({ rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const times = rounds * STARTS_PER_ROUND;
  const standings = await compete(contestants(), times, ({ round, contestant, figures }) =>
    say(`${round} of ${times}: ${contestant}: ${format(figures["processMs"])} ms`),
  );
  return {
    contestants: standings,
    shown: { processMs: "process ms" },
    targets: [
      { name: "fanjoin run, ms", value: figureOf(standings, "fanjoin run", "processMs"), atMost: 400 },
    ],
    notes: [`Medians of ${times} starts, from start to exit.`],
  };
}

export const start: Bench = {
  name: "start",
  about: "a whole `fanjoin run` of a small file, a bare script that does the same, Node itself",
  options: `  --rounds N    each has ${STARTS_PER_ROUND} starts`,
  run,
};
