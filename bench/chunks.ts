/**
 * The cost of a chunk: no-op chunks submitted, dispatched, settled and joined, durably, beside pools that
 * keep nothing and a loop without a product.
 */
import { fileURLToPath } from "node:url";
import { bullmqContestant, INSTALL_BULLMQ, isInstalled } from "./available.ts";
import { compete, runProcess, runScript } from "./contestant.ts";
import type { Contestant, Figures } from "./contestant.ts";
import { WARM_UP } from "./contestants/tasks.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Target } from "./report.ts";

/** More of them take long, and are not faster. */
const MOST_BULLMQ = 5000;

const NOTES = [
  `Measured from submit to the published result, after ${WARM_UP} chunks of warm-up; every contestant's threads are up, and fanjoin's job is loaded.`,
  "piscina, Pool.map and BullMQ keep nothing on disk here; fanjoin survives a power cut (full) or the death of its process (normal), the bare loop the latter.",
];

function fanjoin(
  name: string,
  chunks: number,
  synchronous: "full" | "normal",
  flags: readonly string[] = [],
): Contestant {
  return {
    name,
    about: `embedded engine, two threads, PRAGMA synchronous = ${synchronous}`,
    missing: null,
    run: () => runScript("fanjoin-chunks.ts", [chunks, synchronous], flags),
  };
}

function bareLoop(chunks: number, bundle: number): Contestant {
  return {
    name: `bare loop ${bundle}`,
    about: `node:sqlite and two threads; a message and two transactions for ${bundle} chunks, PRAGMA synchronous = normal`,
    missing: null,
    run: () => runScript("bare-loop.ts", [chunks, bundle]),
  };
}

function contestantsOf(chunks: number): Contestant[] {
  const script = fileURLToPath(new URL("contestants/pool_map.py", import.meta.url));
  return [
    fanjoin("fanjoin", chunks, "full"),
    fanjoin("fanjoin normal", chunks, "normal"),
    {
      name: "piscina",
      about: "two threads, all results awaited, 128 outstanding",
      missing: null,
      run: () => runScript("piscina.ts", [chunks]),
    },
    {
      name: "Pool.map",
      about: "Python's multiprocessing.Pool(2).map(…, chunksize=1)",
      missing: isInstalled("python3") ? null : "no python3 here",
      run: () => runProcess("python3", [script, String(chunks), String(WARM_UP)]),
    },
    bullmqContestant(
      `a flow of ${Math.min(chunks, MOST_BULLMQ)} children, two threads, a redis-server of its own`,
      "bullmq.ts",
      Math.min(chunks, MOST_BULLMQ),
    ),
    ...[1, 16, 64].map((bundle) => bareLoop(chunks, bundle)),
  ];
}

async function sideBySide(
  { chunks, rounds, profileTo }: BenchOptions,
  say: (line: string) => void,
): Promise<Outcome> {
  const contestants =
    profileTo === null
      ? contestantsOf(chunks)
      : [fanjoin("fanjoin", chunks, "full", ["--cpu-prof", `--cpu-prof-dir=${profileTo}`])];
  const standings = await compete(contestants, rounds, ({ round, contestant, figures }) =>
    say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["perSecond"])} chunks/s`),
  );
  const target = (other: string, atLeast: number): Target => {
    return { name: `fanjoin / ${other}`, value: ratio(standings, "fanjoin", other, "perSecond"), atLeast };
  };
  return {
    contestants: standings,
    shown: { perSecond: "chunks/s", usPerChunk: "µs/chunk", peakMb: "peak MB" },
    targets: [
      target("Pool.map", 1.2),
      target("piscina", 1.2),
      target("BullMQ", 8),
      target("bare loop 64", 0.25),
    ],
    notes: NOTES,
  };
}

/** From a hundredth of `chunks` to ten times as many. */
async function curve({ chunks, rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const sizes = [0.01, 0.1, 1, 10].map((factor) => Math.max(1, Math.round(chunks * factor)));
  const standings = [];
  for (const size of sizes) {
    const contestant = fanjoin(`${size} chunks`, size, "full");
    const [standing] = await compete([contestant], rounds, ({ figures }) =>
      say(`${contestant.name}: ${line(figures)}`),
    );
    if (standing) standings.push(standing);
  }
  const [most = ""] = standings.map(({ name }) => name).slice(-1);
  const [typical = ""] = standings.map(({ name }) => name).slice(-2);
  return {
    contestants: standings,
    shown: { usPerChunk: "µs/chunk", perSecond: "chunks/s", peakMb: "peak MB" },
    targets: [
      {
        name: `cost per chunk, ${most} / ${typical}`,
        value: ratio(standings, most, typical, "usPerChunk"),
        atMost: 1.25,
      },
      { name: `peak MB, ${most}`, value: figureOf(standings, most, "peakMb"), atMost: 1024 },
    ],
    notes: NOTES.slice(0, 1),
  };
}

function line(figures: Figures): string {
  return `${format(figures["usPerChunk"])} µs/chunk, ${format(figures["peakMb"])} MB`;
}

export const chunks: Bench = {
  name: "chunks",
  about: "no-op chunks, submitted to joined: fanjoin, piscina, Pool.map, BullMQ, a bare loop",
  options: `  --chunks N    how many (default 100,000)
  --curve       fanjoin alone, with a hundredth of them up to ten times as many
  --cpu-prof DIR  fanjoin alone, writing CPU profiles of its threads to DIR
  BullMQ takes part where a redis-server is, after ${INSTALL_BULLMQ}`,
  run: (options, say) => (options.curve ? curve(options, say) : sideBySide(options, say)),
};
