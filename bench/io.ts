/**
 * Measures items that wait for a server, with as many of them in flight in fanjoin's two threads together as
 * in a bare pool of promises. The ideal is the time of the waiting alone. Each request costs about a tenth of
 * a millisecond of computing on either side; the bare pool shows this cost.
 */
import { compete, runScript } from "./contestant.ts";
import type { Contestant, Standing } from "./contestant.ts";
import type { Service } from "./contestants/answers.ts";
import { IN_FLIGHT, inFlightOf } from "./contestants/waiting.ts";
import { THREADS } from "./contestants/engine.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";
import { startServer } from "./waiting-service.ts";

/** Even: 200 rounds of all slots. The others take about as long as that, ten times. */
const ITEMS = { even: 200 * IN_FLIGHT * THREADS, uneven: 40_000, flaky: 10_000 } as const;

/** The names of contestants of one service: those of the others stand in the same table. */
function namesOf(service: Service): readonly [fanjoin: string, pool: string] {
  return service === "even" ? ["fanjoin", "bare pool"] : [`fanjoin, ${service}`, `bare pool, ${service}`];
}

function contestantsOf(service: Service, url: string, items: number): Contestant[] {
  const [fanjoin, pool] = namesOf(service);
  const inFlight = inFlightOf(service);
  return [
    {
      name: fanjoin,
      about: `embedded engine, two threads with concurrency ${inFlight}, durable, learned chunk sizes`,
      missing: null,
      run: () => runScript("fanjoin-io.ts", [url, items, service]),
    },
    {
      name: pool,
      about: `${inFlight * THREADS} lanes of promises in one process, one thread`,
      missing: null,
      run: () => runScript("bare-io.ts", [url, items, service]),
    },
  ];
}

async function standingsOf(
  service: Service,
  { items, rounds }: BenchOptions,
  say: (line: string) => void,
): Promise<Standing[]> {
  const server = await startServer(service);
  try {
    return await compete(
      contestantsOf(service, server.url, items ?? ITEMS[service]),
      rounds,
      ({ round, contestant, figures }) =>
        say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["ofIdeal"])} % of the ideal`),
    );
  } finally {
    server.stop();
  }
}

function targetsOf(service: Service, standings: readonly Standing[]): Target[] {
  const [fanjoin, pool] = namesOf(service);
  const toPool = { name: `${fanjoin} / bare pool`, value: ratio(standings, fanjoin, pool, "perSecond") };
  if (service !== "even") return [{ ...toPool, atLeast: 0.95 }];
  const value = figureOf(standings, fanjoin, "ofIdeal");
  return [
    { name: "fanjoin, % of the ideal", value, atLeast: 95 },
    { ...toPool, atLeast: 0.9 },
  ];
}

async function run(options: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const services: readonly Service[] = options.uneven ? ["uneven", "flaky"] : ["even"];
  const contestants: Standing[] = [];
  for (const service of services) contestants.push(...(await standingsOf(service, options, say)));
  return {
    contestants,
    shown: { ofIdeal: "% of the ideal", perSecond: "items/s", ms: "ms", cpuMs: "CPU ms" },
    targets: services.flatMap((service) => targetsOf(service, contestants)),
    notes: [
      "The ideal is the time of the waiting alone, with all slots taken all the time. Connections are opened before the measurement.",
    ],
  };
}

export const io: Bench = {
  name: "io",
  about: "items that wait for a server: fanjoin, a pool of promises, the ideal",
  options: `  --uneven      some items wait much longer than others; and a service that refuses some and hangs now and then
  --items N     number of items (default ${Object.values(ITEMS)
    .map((items) => items.toLocaleString("en"))
    .join("; with --uneven ")})`,
  run,
};
