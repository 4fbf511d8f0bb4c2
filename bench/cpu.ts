/**
 * Measures how much faster two threads are than one, for items that compute for a millisecond.
 *
 * Two effects limit the ratio. At the end, threads that run out of chunks wait for the last one. And V8
 * sometimes compiles code badly in one thread, which is then slow for seconds: so read the milliseconds per
 * item of each contestant before the ratios.
 */
import { compete, runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import { format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

const ITEMS = 4000;

function contestantsOf(items: number): Contestant[] {
  const entry = (name: string, about: string, script: string, args: readonly number[] = []): Contestant => {
    return { name, about, missing: null, run: () => runScript(script, [items, ...args]) };
  };
  return [
    entry("fanjoin", "embedded engine, two threads, durable, learned chunk sizes", "fanjoin-cpu.ts", [2]),
    entry("fanjoin 1 thread", "the same in one thread", "fanjoin-cpu.ts", [1]),
    entry("piscina", "two threads, one task per item, nothing on disk", "piscina-cpu.ts"),
    entry("bare loop", "a loop in one process, one thread", "bare-cpu.ts"),
  ];
}

async function run({ items, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const standings = await compete(contestantsOf(items ?? ITEMS), rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["perSecond"])} items/s`),
  );
  const faster = (other: string): Pick<Target, "name" | "value"> => {
    return { name: `fanjoin / ${other}`, value: ratio(standings, "fanjoin", other, "perSecond") };
  };
  return {
    contestants: standings,
    shown: { perSecond: "items/s", ms: "ms" },
    targets: [
      { ...faster("fanjoin 1 thread"), atLeast: 1.9 },
      { ...faster("bare loop"), atLeast: 1.8 },
      { ...faster("piscina"), atLeast: 0.95 },
    ],
    notes: ["Measured from submit to the published result, with running threads and compiled code."],
  };
}

export const cpu: Bench = {
  name: "cpu",
  about: "CPU-bound items: fanjoin in two threads and in one, piscina, a bare loop",
  options: `  --items N     number of items, each of a millisecond (default ${ITEMS})`,
  run,
};
