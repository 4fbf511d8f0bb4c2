/**
 * What waiting costs: every item asks a server that answers after 50 ms, 64 items in flight in each of two
 * threads, against the time that the waiting alone would take.
 *
 * What limits it is, first, the requests themselves, a tenth of a millisecond of computing each on either
 * side, which the bare pool shows; second, the end of each chunk, when places stay empty until its slowest
 * item is back: so chunks hold many rounds of items.
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

/** So many rounds of all places. */
const ITEMS = 200 * IN_FLIGHT * THREADS;

/** The server in a process of its own; it ends when its standard input does. */
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
      about: `embedded engine, two threads with concurrency ${IN_FLIGHT}, durable; the size of chunks is learned`,
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
        `The ideal: ${WAIT_MS} ms for each round of ${IN_FLIGHT * THREADS} items, nothing else. Connections are open before the measured items.`,
      ],
    };
  } finally {
    server.stop();
  }
}

export const io: Bench = {
  name: "io",
  about: "items that wait for a server: fanjoin, a pool of promises, the ideal",
  options: `  --items N     how many (default ${ITEMS.toLocaleString("en")})`,
  run,
};
