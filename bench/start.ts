/**
 * How long `fanjoin run` of a small file takes, from the shell's point of view: start, run, summary, exit.
 *
 * Loading code limits it: Node itself, the command line's modules, then in each thread the engine's and the
 * job's. The compile cache keeps what was compiled; with an empty one ("first start") types are stripped and
 * everything is compiled. The published package ("installed") is bundled JavaScript. Directory, database and
 * the syncs of a durable batch take some ten milliseconds.
 */
import { copyFile, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommand } from "../build/command.ts";
import { compete, timed } from "./contestant.ts";
import type { Contestant, Run } from "./contestant.ts";
import { figureOf, format } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

const FANJOIN = fileURLToPath(new URL("../bin/fanjoin.js", import.meta.url));
const JOB = fileURLToPath(new URL("jobs/sales-by-country.ts", import.meta.url));
const BARE = fileURLToPath(new URL("contestants/bare-start.ts", import.meta.url));
const SALES = "country,amount\nNorway,12\nPeru,30\nNorway,5\n";
const TOTALS = JSON.stringify({ Norway: { total: 17, n: 2 }, Peru: { total: 30, n: 1 } });
const INSTALLED = "fanjoin run, installed";
const FIRST_INSTALLED = "fanjoin run, installed, first start";
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

/** `installed`: a folder with the job and the published package. */
function contestants(installed: string): Contestant[] {
  const args = ["sales.csv", "--quiet", "--json"];
  const run = [FANJOIN, "run", JOB, ...args];
  const command = join(installed, "node_modules/fanjoin/bin/fanjoin.js");
  const runInstalled = [command, "run", join(installed, "job.ts"), ...args];
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
      name: INSTALLED,
      about: "the same from the published package",
      missing: null,
      run: () => started(runInstalled, valueOf),
    },
    {
      name: FIRST_INSTALLED,
      about: "the same with an empty compile cache",
      missing: null,
      run: () => started(runInstalled, valueOf, { ...process.env }),
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

/** A folder with the job and the published package, beside no other packages. */
async function install(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "fanjoin-bench-")));
  await buildCommand(join(folder, "node_modules/fanjoin"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await copyFile(JOB, join(folder, "job.ts"));
  return folder;
}

async function run({ rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const times = rounds * STARTS_PER_ROUND;
  const installed = await install();
  try {
    const standings = await compete(contestants(installed), times, ({ round, contestant, figures }) =>
      say(`${round} of ${times}: ${contestant}: ${format(figures["processMs"])} ms`),
    );
    const target = (name: string, atMost: number) => ({
      name: `${name}, ms`,
      value: figureOf(standings, name, "processMs"),
      atMost,
    });
    return {
      contestants: standings,
      shown: { processMs: "process ms" },
      targets: [target("fanjoin run", 400), target(FIRST_INSTALLED, 600)],
      notes: [`Medians of ${times} starts, from start to exit.`],
    };
  } finally {
    await rm(installed, { recursive: true });
  }
}

export const start: Bench = {
  name: "start",
  about: "a whole `fanjoin run` of a small file, a bare script that does the same, Node itself",
  options: `  --rounds N    each has ${STARTS_PER_ROUND} starts`,
  run,
};
