/**
 * How long a small batch takes in an engine that is running: from submit to its result on disk, one batch
 * after the other.
 *
 * The disk limits it. A batch becomes durable twice, when it is accepted and when it is done. Each is a
 * commit of SQLite, which is synced with `synchronous = full`. The file of a small result is not synced,
 * because the second commit has the result, too. In between, two messages go to a thread and back: the chunk,
 * and the merge of the root. The contestant "two commits" does nothing else, once, and without a file.
 */
import { fileURLToPath } from "node:url";
import { bullmqContestant, isInstalled } from "./available.ts";
import { compete, runProcess, runScript } from "./contestant.ts";
import type { Contestant, Standing } from "./contestant.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

/** More of them take long, and say nothing new. */
const MOST_BULLMQ = 100;

function fanjoin(name: string, batches: number, synchronous: "full" | "normal"): Contestant {
  return {
    name,
    about: `embedded engine, two threads, PRAGMA synchronous = ${synchronous}`,
    missing: null,
    run: () => runScript("fanjoin-latency.ts", [batches, synchronous]),
  };
}

function contestantsOf(batches: number): Contestant[] {
  const script = fileURLToPath(new URL("contestants/pool_latency.py", import.meta.url));
  return [
    fanjoin("fanjoin", batches, "full"),
    fanjoin("fanjoin normal", batches, "normal"),
    {
      name: "two commits",
      about: "node:sqlite: a synced commit of one row, a message to a thread and back, another such commit",
      missing: null,
      run: () => runScript("bare-latency.ts", [batches]),
    },
    {
      name: "Pool.map",
      about: "Python's multiprocessing.Pool(2).map(…, chunksize=1); nothing is kept on disk",
      missing: isInstalled("python3") ? null : "no python3 here",
      run: () => runProcess("python3", [script, String(batches)]),
    },
    bullmqContestant(
      "a flow of a parent and its children, two threads, a redis-server of its own that keeps nothing on disk",
      "bullmq-latency.ts",
      Math.min(batches, MOST_BULLMQ),
    ),
  ];
}

function targetsOf(standings: readonly Standing[]): Target[] {
  const p50 = (name: string, chunks: 1 | 100): number | null => figureOf(standings, name, `p50of${chunks}`);
  return [
    { name: "fanjoin, 1 chunk, p50 ms", value: p50("fanjoin", 1), atMost: 2.5 },
    {
      name: "fanjoin / two commits, 1 chunk",
      value: ratio(standings, "fanjoin", "two commits", "p50of1"),
      atMost: 2,
    },
    { name: "fanjoin, 100 chunks, p50 ms", value: p50("fanjoin", 100), atMost: 8 },
    {
      name: "BullMQ / fanjoin, 100 chunks",
      value: ratio(standings, "BullMQ", "fanjoin", "p50of100"),
      atLeast: 3,
    },
  ];
}

async function run({ batches, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const standings = await compete(contestantsOf(batches), rounds, ({ round, contestant, figures }) =>
    say(
      `round ${round} of ${rounds}: ${contestant}: p50 ${format(figures["p50of1"])} ms for 1 chunk, ${format(figures["p50of100"])} ms for 100`,
    ),
  );
  return {
    contestants: standings,
    shown: {
      p50of1: "1 chunk: p50 ms",
      p95of1: "p95 ms",
      p50of100: "100 chunks: p50 ms",
      p95of100: "p95 ms",
    },
    targets: targetsOf(standings),
    notes: ["No-op chunks of one item. Threads are up, the job is loaded, the code is compiled."],
  };
}

export const latency: Bench = {
  name: "latency",
  about:
    "submit to joined result in a running engine, 1 and 100 chunks: fanjoin, two bare commits, Pool.map, BullMQ",
  options: `  --batches N   how many of each size (default 300)`,
  run,
};
