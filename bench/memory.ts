/**
 * How much memory a batch takes, for inputs of 10 MB to 1 GB: the largest resident memory of the whole
 * `fanjoin run`, all processes of it.
 *
 * What limits it is what is under way: pieces of 64 KiB and the rows of one in each thread, young generations
 * of 24 MB, chunks that wait to be taken. None of them grows with the input; a node's tags and counts, a few
 * bytes a chunk, are all that does.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compete, runScript, timed } from "./contestant.ts";
import type { Contestant, Run } from "./contestant.ts";
import { csvFile } from "./csv-data.ts";
import { canWatchTrees, watchTree } from "./process-tree.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

const FANJOIN = fileURLToPath(new URL("../bin/fanjoin.js", import.meta.url));
const JOB = fileURLToPath(new URL("jobs/sales-by-country.ts", import.meta.url));
const MISSING = canWatchTrees() ? null : "no /proc here";

interface Summary {
  readonly items: { readonly total: number; readonly succeeded: number };
  readonly result: { readonly value: { readonly [country: string]: { readonly n: number } } };
}

async function watched(mb: number): Promise<Run> {
  const cwd = await mkdtemp(join(tmpdir(), "fanjoin-bench-"));
  const args = [FANJOIN, "run", JOB, csvFile(mb), "--concurrency", "2", "--quiet", "--json"];
  const watch = watchTree();
  try {
    const { output, processMs } = await timed(process.execPath, args, { cwd, onStart: watch.start });
    const { items, result } = JSON.parse(output) as Summary;
    const counted = Object.values(result.value).reduce((sum, { n }) => sum + n, 0);
    const all = items.total === items.succeeded && counted === items.total;
    return { figures: { peakMb: watch.stop(), processMs }, answer: all ? "every row once" : output };
  } finally {
    watch.stop();
    await rm(cwd, { recursive: true });
  }
}

async function bare(mb: number): Promise<Run> {
  const { figures } = await runScript("bare-parser.ts", [csvFile(mb), 1]);
  return { figures, answer: "every row once" };
}

function contestantsOf(sizes: readonly number[]): Contestant[] {
  const largest = sizes.at(-1) ?? 0;
  return [
    ...sizes.map((mb) => ({
      name: `fanjoin, ${mb} MB`,
      about: `fanjoin run of a CSV file of ${mb} million bytes, two threads, the whole process tree`,
      missing: MISSING,
      run: () => watched(mb),
    })),
    {
      name: `bare parser, ${largest} MB`,
      about: "uDSV on quote-safe pieces of 64 KiB in one process, one thread",
      missing: null,
      run: () => bare(largest),
    },
  ];
}

async function run({ sizes, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const standings = await compete(contestantsOf(sizes), rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["peakMb"])} MB`),
  );
  const most = `fanjoin, ${sizes.at(-1)} MB`;
  const typical = `fanjoin, ${sizes.at(-2) ?? sizes.at(-1)} MB`;
  return {
    contestants: standings,
    shown: { peakMb: "peak MB", processMs: "process ms" },
    targets: [
      {
        name: `peak MB, ${most} / ${typical}`,
        value: ratio(standings, most, typical, "peakMb"),
        atMost: 1.25,
      },
      { name: `peak MB, ${most}`, value: figureOf(standings, most, "peakMb"), atMost: 300 },
    ],
    notes: ["The sum of what the processes of a run held at most, each by itself (VmHWM)."],
  };
}

export const memory: Bench = {
  name: "memory",
  about: "peak memory of a group-by over CSV files of 10 MB, 100 MB and 1 GB",
  options: `  --sizes A,B,…  of the files, in millions of bytes (default 10,100,1000), made once in bench/.data/`,
  run,
};
