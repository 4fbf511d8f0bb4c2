/** A group-by over a Parquet file: the engine, its reader alone, and a bare loop over hyparquet. */
import { compete, runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import { parquetFile } from "./parquet-data.ts";
import { format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

/** The engine's rest is a second or less; the file need not be larger. */
const MOST_MB = 100;

function loop(name: string, about: string, file: string, reader: "fanjoin" | "hyparquet"): Contestant {
  return { name, about, missing: null, run: () => runScript("parquet-loop.ts", [file, reader]) };
}

function engine(name: string, about: string, file: string, job: string): Contestant {
  return { name, about, missing: null, run: () => runScript("fanjoin-csv.ts", [file, job]) };
}

async function run({ mb, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const file = parquetFile(Math.min(mb, MOST_MB));
  const job = "sales-by-country-parquet";
  const contestants = [
    engine("fanjoin", "embedded engine, two threads, sums exact, durable", file, job),
    engine("fanjoin, pick", "the same with two of the four columns", file, `${job}-picked`),
    loop("reader", "fanjoin's reader in a loop, one thread", file, "fanjoin"),
    loop("hyparquet", "hyparquet and Node's zstd in a loop, one thread", file, "hyparquet"),
  ];
  const standings = await compete(contestants, rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["mbPerSecond"])} MB/s`),
  );
  return {
    contestants: standings,
    shown: { mbPerSecond: "MB/s", ms: "ms", cpuMs: "CPU ms", peakMb: "peak MB" },
    targets: [
      {
        name: "reader / hyparquet",
        value: ratio(standings, "reader", "hyparquet", "mbPerSecond"),
        atLeast: 1,
      },
    ],
    notes: [
      "MB/s: of the file as it is stored, packed with zstd. Sums of the loops are rounded at each step.",
    ],
  };
}

export const parquet: Bench = {
  name: "parquet",
  about: "a group-by over a Parquet file: fanjoin, its reader alone, and hyparquet in a loop",
  options: `  --mb N        size of the file in millions of bytes (at most 100), made once in bench/.data/`,
  run,
};
