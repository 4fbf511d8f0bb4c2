/**
 * What people use before they come to fanjoin, beside it: loops, threads, pools, queues and schedulers, with
 * tasks that compute, that write files and that wait for a server; and what becomes of tasks that fail.
 *
 * Each contestant runs in a program of its own, with a limit for everything. What it leaves is ended.
 */
import { bullmqVersion, contestants } from "./compare/contestants.ts";
import type { CompareContestant } from "./compare/contestants.ts";
import { failureTables } from "./compare/failure-tables.ts";
import type { FailureTable } from "./compare/failure-tables.ts";
import { targetsOf, withSpeedUps, WORKS } from "./compare/figures.ts";
import type { Comparison, SpeedWork } from "./compare/figures.ts";
import { writePage } from "./compare/page.ts";
import { findPython } from "./compare/python.ts";
import type { Python } from "./compare/python.ts";
import { machineWords, redisVersion } from "./compare/setting.ts";
import { endWithSignals, measure, NotDone } from "./compare/speed.ts";
import type { SpeedOptions } from "./compare/speed.ts";
import { compete } from "./contestant.ts";
import type { Contestant, Run, Standing } from "./contestant.ts";
import { canWatchTrees } from "./process-tree.ts";
import { format, versions } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";
import { startServer } from "./waiting-service.ts";

const USUAL = { few: 10, many: 1000, warmUp: 64, limitMs: 120_000, hungMs: 20_000 };
const QUICK = { few: 2, many: 8, warmUp: 4, limitMs: 60_000, hungMs: 20_000 };
/** A contestant that takes longer runs in the first round only. */
const SLOW_MS = 30_000;

type Say = (line: string) => void;

async function run(options: BenchOptions, say: Say): Promise<Outcome> {
  const python = findPython(options.python);
  const sizes = options.quick ? QUICK : USUAL;
  const chosen = contestants(python).filter(({ name }) => options.only?.includes(name) ?? true);
  const machine = machineWords();
  const notDone = new Map<string, string>();
  const speed = new Map<SpeedWork, readonly Standing[]>();
  const compared = (failures: readonly FailureTable[]): Comparison => {
    const { few, many } = sizes;
    return { few, many, rounds: options.rounds, contestants: chosen, speed, notDone, failures };
  };
  /** Also before all is measured: a run that is ended leaves what it has. */
  async function write(comparison: Comparison): Promise<void> {
    if (options.writeTo === null) return;
    const date = new Date().toISOString().slice(0, 10);
    const targets = targetsOf(comparison);
    await writePage(options.writeTo, { comparison, targets, date, machine, versions: versionsOf(python) });
  }

  if (canWatchTrees()) endWithSignals();
  const server = await startServer();
  try {
    const works = isWanted(options, "speed") ? (Object.keys(WORKS) as SpeedWork[]) : [];
    for (const work of works) {
      const entries = entriesOf(
        chosen,
        { ...sizes, work, url: server.url, isLinux: canWatchTrees() },
        notDone,
      );
      const standings = await compete(entries, options.rounds, ({ round, contestant, figures }) =>
        say(`${work}, round ${round} of ${options.rounds}: ${contestant}: ${format(figures["manyMs"])} ms`),
      );
      speed.set(work, withSpeedUps(chosen, standings));
      await write(compared([]));
    }
  } finally {
    server.stop();
  }
  const trials = { hungMs: sizes.hungMs, quick: options.quick };
  const isTried = isWanted(options, "failures") && canWatchTrees();
  const comparison = compared(isTried ? await failureTables(chosen, trials, say) : []);
  await write(comparison);
  return outcomeOf(comparison, versionsOf(python));
}

function isWanted({ part }: BenchOptions, one: string): boolean {
  return part === null || part === one;
}

/** The contestants of one kind of work, as every benchmark has them. */
function entriesOf(
  all: readonly CompareContestant[],
  options: SpeedOptions,
  notDone: Map<string, string>,
): Contestant[] {
  return all.map((contestant) => {
    let slow: Run | null = null;
    async function once(): Promise<Run> {
      try {
        return await measure(contestant, options);
      } catch (error) {
        if (!(error instanceof NotDone)) throw error;
        notDone.set(`${options.work}: ${contestant.name}`, error.message);
        return { figures: error.figures, answer: null };
      }
    }
    return {
      ...contestant,
      async run() {
        if (slow) return slow;
        const run = await once();
        if (run.answer === null || (run.figures["manyMs"] ?? 0) > SLOW_MS) slow = run;
        return run;
      },
    };
  });
}

function outcomeOf(comparison: Comparison, used: readonly string[]): Outcome {
  const { speed, few, many, failures, notDone } = comparison;
  return {
    contestants: [...speed].flatMap(([work, standings]) =>
      standings.map((standing) => ({ ...standing, name: `${work}: ${standing.name}` })),
    ),
    shown: {
      fewMs: `${few} tasks, ms`,
      manyMs: `${many} tasks, ms`,
      speedUp: "× loop",
      cpuSeconds: "processor s",
      peakMb: "memory MB",
      startMs: "start-up ms",
    },
    tables: failures.map(({ title, columns, rows }) => ({
      title,
      columns,
      rows: rows.map(({ name, cells }) => [
        name,
        ...cells.map((seen) => (seen?.text ?? "not tried").replaceAll("**", "")),
      ]),
    })),
    targets: targetsOf(comparison),
    notes: [
      "Two workers where tasks compute, 64 tasks in flight where they wait. Start-up is left out of the times.",
      ...Array.from(notDone, ([name, why]) => `${name}: ${why}`),
      `${used.join(", ")}.`,
    ],
  };
}

function versionsOf(python: Python): string[] {
  const { fanjoin, node, piscina } = versions();
  const bullmq = bullmqVersion();
  const redis = redisVersion();
  return [
    `fanjoin ${fanjoin}`,
    `Node ${node}`,
    `piscina ${piscina}`,
    ...(bullmq === undefined ? [] : [`BullMQ ${bullmq}`]),
    ...(python.command === null ? [] : [`Python ${python.version}`]),
    ...Array.from(python.packages, ([name, version]) => `${name} ${version}`),
    ...(redis === null ? [] : [`redis-server ${redis}`]),
  ];
}

export const compare: Bench = {
  name: "compare",
  about: "Pool, threads, asyncio, Celery, Luigi, Dask, Lithops, BullMQ, piscina and fanjoin, side by side",
  options: `  --python CMD  the Python whose packages take part (default: $FANJOIN_BENCH_PYTHON, or python3)
  --only A,B    these contestants alone, by name
  --part PART   speed or failures alone, or page: its text without figures
  --quick       few and small tasks, and two of the trials
  --write FILE  writes the page, and its charts into a folder beside it
  Packages: bench/compare/requirements.txt; Celery and BullMQ need a redis-server`,
  run,
};
