/**
 * Measures items that wait: each sends a request to a server that answers after 50 ms, with 64 items in
 * flight in each of two threads. The ideal is the time of the waiting alone.
 *
 * Two effects limit the result. Each request costs about a tenth of a millisecond of computing on either
 * side; the bare pool shows this cost. At the end of a chunk, slots stay empty until its slowest item is
 * done; so chunks hold many rounds of items.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { compete, runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import { IN_FLIGHT, WAIT_MS } from "./contestants/waiting.ts";
import { THREADS } from "./contestants/engine.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

/** 200 rounds of all slots. */
const ITEMS = 200 * IN_FLIGHT * THREADS;

/** Starts the server in a process of its own. The process ends when its standard input does. */
async function startServer(): Promise<{ url: string; stop: () => void }> {
  const script = fileURLToPath(import.meta.resolve("./contestants/waiting-server.ts"));
  const child = spawn(process.execPath, [script, String(WAIT_MS)], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}/`, stop: () => child.stdin.end() };
}

function contestantsOf(url: string, items: number): Contestant[] {
  return [
    {
      name: "fanjoin",
      about: `embedded engine, two threads with concurrency ${IN_FLIGHT}, durable, learned chunk sizes`,
      missing: null,
      run: () => runScript("fanjoin-io.ts", [url, items]),
    },
    {
      name: "bare pool",
      about: `${IN_FLIGHT * THREADS} lanes of promises in one process, one thread`,
      missing: null,
      run: () => runScript("bare-io.ts", [url, items]),
    },
  ];
}

async function run({ items, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const server = await startServer();
  try {
    const contestants = contestantsOf(server.url, items ?? ITEMS);
    const standings = await compete(contestants, rounds, ({ round, contestant, figures }) =>
      say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["ofIdeal"])} % of the ideal`),
    );
    return {
      contestants: standings,
      shown: { ofIdeal: "% of the ideal", perSecond: "items/s", ms: "ms", cpuMs: "CPU ms" },
      targets: [
        { name: "fanjoin, % of the ideal", value: figureOf(standings, "fanjoin", "ofIdeal"), atLeast: 95 },
        {
          name: "fanjoin / bare pool",
          value: ratio(standings, "fanjoin", "bare pool", "perSecond"),
          atLeast: 0.9,
        },
      ],
      notes: [
        `The ideal is ${WAIT_MS} ms for each round of ${IN_FLIGHT * THREADS} items. Connections are opened before the measurement.`,
      ],
    };
  } finally {
    server.stop();
  }
}

export const io: Bench = {
  name: "io",
  about: "items that wait for a server: fanjoin, a pool of promises, the ideal",
  options: `  --items N     number of items (default ${ITEMS.toLocaleString("en")})`,
  run,
};
