/**
 * A group-by over a large CSV file: the cost of parsing in parallel beside the parser itself, and the gain if
 * two of the eight columns are picked.
 */
import { compete, runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import { csvFile } from "./csv-data.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

function fanjoin(file: string, flags: readonly string[]): Contestant {
  return {
    name: "fanjoin",
    about: "embedded engine, two threads, every row checked, sums exact, durable",
    missing: null,
    run: () => runScript("fanjoin-csv.ts", [file], flags),
  };
}

function fanjoinPicked(file: string): Contestant {
  return {
    name: "fanjoin, pick",
    about: "the same with csv({ pick }) of the two columns that the job needs, of eight",
    missing: null,
    run: () => runScript("fanjoin-csv.ts", [file, "sales-by-country-picked"]),
  };
}

function bareParser(file: string, threads: 1 | 2): Contestant {
  return {
    name: `bare parser ${threads}`,
    about: `uDSV on quote-safe pieces of 64 KiB, ${threads === 1 ? "one thread" : "a thread for each half"}`,
    missing: null,
    run: () => runScript("bare-parser.ts", [file, threads]),
  };
}

async function run({ mb, rounds, profileTo }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const file = csvFile(mb);
  const contestants =
    profileTo === null
      ? [fanjoin(file, []), fanjoinPicked(file), bareParser(file, 1), bareParser(file, 2)]
      : [fanjoin(file, ["--cpu-prof", `--cpu-prof-dir=${profileTo}`])];
  const standings = await compete(contestants, rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["mbPerSecond"])} MB/s`),
  );
  return {
    contestants: standings,
    shown: {
      mbPerSecond: "MB/s",
      ms: "ms",
      cpuMs: "CPU ms",
      processMs: "process ms",
      firstSettledMs: "first chunk ms",
      peakMb: "peak MB",
    },
    targets: [
      {
        name: "fanjoin / bare parser 2",
        value: ratio(standings, "fanjoin", "bare parser 2", "mbPerSecond"),
        atLeast: 0.7,
      },
      {
        name: "fanjoin, pick / fanjoin",
        value: ratio(standings, "fanjoin, pick", "fanjoin", "mbPerSecond"),
        atLeast: 1.5,
      },
      { name: "fanjoin, peak MB", value: figureOf(standings, "fanjoin", "peakMb"), atMost: 300 },
      {
        name: "fanjoin, first chunk settled, ms",
        value: figureOf(standings, "fanjoin", "firstSettledMs"),
        atMost: 1000,
      },
    ],
    notes: [
      "MB/s: from submit to the published result; threads are up and the job is loaded. Process ms and first chunk ms: from the start of the process.",
      "All arrive at the same sums and counts.",
    ],
  };
}

export const csv: Bench = {
  name: "csv",
  about: "a group-by over a large CSV file: fanjoin, the bare parser in one and in two threads",
  options: `  --mb N        size of the file in millions of bytes (default 1,000), made once in bench/.data/
  --cpu-prof DIR  fanjoin alone, writing CPU profiles of its threads to DIR`,
  run,
};
