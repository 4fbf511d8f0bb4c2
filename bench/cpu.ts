/**
 * How much faster two threads are than one, for items of a millisecond of computing.
 *
 * What limits it is the end: threads that run out of chunks wait for the last one. And V8: code that is
 * compiled badly in one thread is slow there for seconds, so look at the milliseconds per item of the
 * contestants before at their ratios.
 */
import { compete, runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import { format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

const ITEMS = 4000;

function contestantsOf(items: number): Contestant[] {
  const one = (name: string, about: string, script: string, args: readonly number[] = []): Contestant => {
    return { name, about, missing: null, run: () => runScript(script, [items, ...args]) };
  };
  return [
    one(
      "fanjoin",
      "embedded engine, two threads, durable; the size of chunks is learned",
      "fanjoin-cpu.ts",
      [2],
    ),
    one("fanjoin 1 thread", "the same in one thread", "fanjoin-cpu.ts", [1]),
    one("piscina", "two threads, a task for each item; nothing is kept on disk", "piscina-cpu.ts"),
    one("bare loop", "a loop in one process, one thread", "bare-cpu.ts"),
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
    notes: ["Measured from submit to the published result; threads are up, and the code is compiled."],
  };
}

export const cpu: Bench = {
  name: "cpu",
  about: "CPU-bound items: fanjoin in two threads and in one, piscina, a bare loop",
  options: `  --items N     how many, of a millisecond each (default ${ITEMS})`,
  run,
};
