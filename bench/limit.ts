/**
 * Measures how well calls keep a rate limit: the rate that is achieved, and the most calls of any second.
 *
 * At most `perSecond` + `burst` calls begin in any second, whatever comes late. A machine that stalls makes
 * calls later than they were admitted: a tenth of a second's calls are allowed for that.
 */
import { bullmqContestant } from "./available.ts";
import { compete, runScript } from "./contestant.ts";
import type { Contestant, Standing } from "./contestant.ts";
import { CALL_MS, LANES, SECONDS } from "./contestants/limited-calls.ts";
import { figureOf, format } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

const RATES = [50, 5000];

const KINDS = [
  ["fanjoin", "fanjoin-limit.ts", `embedded engine, two threads with concurrency ${LANES}, durable`],
  ["20 workers", "workers-limit.ts", "simulated functions: fanjoin's leases, from a ledger that takes 5 ms"],
  ["loop", "loop-limit.ts", "one process that spaces its calls, as p-throttle and bottleneck do"],
  ["bare pool", "bare-limit.ts", `${2 * LANES} lanes of promises, without a limit`],
] as const;

function contestantsOf(perSecond: number): Contestant[] {
  const own = KINDS.map(([name, script, about]) => ({
    name: `${name}, ${perSecond}/s`,
    about,
    missing: null,
    run: () => runScript(script, [perSecond]),
  }));
  const about = "two threads with its limiter, a redis-server of its own that keeps nothing on disk";
  const bullmq = bullmqContestant(about, "bullmq-limit.ts", perSecond);
  return [...own, { ...bullmq, name: `BullMQ, ${perSecond}/s` }];
}

function targetsOf(standings: readonly Standing[], perSecond: number): Target[] {
  return ["fanjoin", "20 workers"].flatMap((kind) => {
    const name = `${kind}, ${perSecond}/s`;
    return [
      { name: `${name}: % of the limit`, value: figureOf(standings, name, "ofLimit"), atLeast: 95 },
      {
        name: `${name}: calls over the ceiling`,
        value: figureOf(standings, name, "overCeiling"),
        atMost: perSecond / 10,
      },
    ];
  });
}

async function run({ rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const standings = await compete(RATES.flatMap(contestantsOf), rounds, ({ round, contestant, figures }) =>
    say(
      `round ${round} of ${rounds}: ${contestant}: ${format(figures["ofLimit"])} %, at most ${figures["mostInASecond"]} in a second`,
    ),
  );
  return {
    contestants: standings,
    shown: {
      perSecond: "calls/s",
      ofLimit: "% of the limit",
      mostInASecond: "most in a second",
      overCeiling: "over the ceiling",
      asksPer1000: "updates for 1,000 calls",
    },
    targets: RATES.flatMap((perSecond) => targetsOf(standings, perSecond)),
    notes: [
      `Calls of ${CALL_MS} ms, for ${SECONDS} s. The ceiling is the limit and a burst of a tenth of it.`,
    ],
  };
}

export const limit: Bench = {
  name: "limit",
  about: "calls under a rate limit: fanjoin, 20 simulated workers, a loop, a pool without one, BullMQ",
  options: "  (none)",
  run,
};
