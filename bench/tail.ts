/**
 * Measures a skewed end: 1,000 items in chunks of 20, of which the last chunk's take a hundred times as long.
 * The ideal shares all of the waiting evenly between two threads. Without cuts the last chunk keeps one
 * thread, while the other has nothing to do.
 */
import { compete, runScript } from "./contestant.ts";
import { figureOf, format } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

async function run({ rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const contestants = [
    {
      name: "fanjoin",
      about: "embedded engine, two threads, durable, chunks of 20 items",
      missing: null,
      run: () => runScript("fanjoin-tail.ts", []),
    },
  ];
  const standings = await compete(contestants, rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["ofIdeal"])} % of the ideal`),
  );
  return {
    contestants: standings,
    shown: { ofIdeal: "% of the ideal", ms: "ms", cpuMs: "CPU ms" },
    targets: [
      // Within 1.2 times of the ideal.
      {
        name: "fanjoin, % of the ideal",
        value: figureOf(standings, "fanjoin", "ofIdeal"),
        atLeast: 100 / 1.2,
      },
    ],
    notes: ["Items wait for a timer. The ideal is the time of all items, shared by two threads."],
  };
}

export const tail: Bench = {
  name: "tail",
  about: "a last chunk whose items take a hundred times as long: fanjoin, the ideal",
  options: "  (none)",
  run,
};
