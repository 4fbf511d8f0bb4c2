/** Ten and a thousand tasks of one kind of work, by one contestant in a program of its own. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figures, Run } from "../contestant.ts";
import { CORES } from "./contestants.ts";
import type { CompareContestant, Work } from "./contestants.ts";
import { endAll, processesIn, usageOf } from "./processes.ts";
import type { Usage } from "./processes.ts";
import { startProgram } from "./program.ts";
import type { Program } from "./program.ts";

export const IN_FLIGHT = 64;

export interface SpeedOptions {
  readonly work: Exclude<Work, "trial">;
  readonly url: string;
  readonly few: number;
  readonly many: number;
  /** Tasks before the measured ones: connections are open, code is compiled. */
  readonly warmUp: number;
  /** For each answer of the program. */
  readonly limitMs: number;
  /** Whether the processes can be watched, and ended: only on Linux. */
  readonly isLinux: boolean;
}

/** How often memory is looked at: reading that of 64 processes takes some milliseconds. */
const LOOK_MS = 500;
const END_MS = 5000;

/** A contestant that did not do its work: why not, and the figures up to there. */
export class NotDone extends Error {
  figures: Figures = {};
}

export async function measure(contestant: CompareContestant, options: SpeedOptions): Promise<Run> {
  const directory = await directoryOfItsOwn();
  const { work, url } = options;
  const workers = work === "cpu" ? CORES : IN_FLIGHT;
  const start = performance.now();
  const program = startProgram({
    command: contestant.command({ work, workers, again: false }),
    directory,
    env: { ...contestant.env, COMPARE_URL: url, COMPARE_IN_FLIGHT: String(IN_FLIGHT) },
  });
  try {
    told(await program.answer(options.limitMs), program, options.limitMs);
    const startMs = performance.now() - start;
    const run = await measured(program, directory, options);
    const figures = { ...run.figures, startMs };
    await program.end(END_MS);
    return { ...run, figures };
  } finally {
    if (options.isLinux) endAll(directory);
    else process.kill(program.pid, "SIGKILL");
    await removed(directory);
  }
}

/** Of the contestants that run. */
const directories = new Set<string>();

/** Where the benchmark itself is ended, its contestants end with it. */
export function endWithSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      for (const directory of directories) endAll(directory);
      process.exit(130);
    });
  }
}

/** Its path is real, because processes are found by it. */
export async function directoryOfItsOwn(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fanjoin-bench-")));
  directories.add(directory);
  return directory;
}

export async function removed(directory: string): Promise<void> {
  directories.delete(directory);
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

async function measured(
  program: Program,
  directory: string,
  { work, few, many, warmUp, limitMs, isLinux }: SpeedOptions,
): Promise<Run> {
  const ask = async (first: number, count: number): Promise<Measured> => {
    const answer = await program.ask({ task: work, first, count }, limitMs);
    return told(answer, program, limitMs) as Measured;
  };
  await ask(0, warmUp);
  const short = await ask(warmUp, few);
  const watch = isLinux ? watchUsage(directory) : null;
  const long = await ask(warmUp + few, many).catch((error: unknown) => {
    watch?.stop();
    if (error instanceof NotDone) error.figures = { fewMs: short.ms };
    throw error;
  });
  const usage = watch?.stop();
  return {
    figures: {
      fewMs: short.ms,
      manyMs: long.ms,
      ...(usage && { cpuSeconds: usage.cpuSeconds, peakMb: usage.memoryMb }),
    },
    answer: [isRight(short, warmUp, few), isRight(long, warmUp + few, many)].join(", "),
  };
}

interface Measured {
  readonly ms: number;
  readonly sum: number;
  readonly count: number;
}

function isRight({ sum, count }: Measured, first: number, expected: number): string {
  const right = expected * first + (expected * (expected - 1)) / 2;
  return count === expected && sum === right ? "every task once" : `${sum} for ${right}, ${count} tasks`;
}

function told(answer: Awaited<ReturnType<Program["answer"]>>, program: Program, limitMs: number): unknown {
  if (answer === "late") throw new NotDone(`not done after ${limitMs / 1000} s`);
  if (answer === "ended") {
    process.stderr.write(program.errors());
    throw new NotDone("the program ended");
  }
  return answer.document;
}

/** The time of processors from now on, and the most memory that was seen. */
function watchUsage(directory: string): { stop(): Usage } {
  const before = usageOf(processesIn(directory));
  let peakMb = before.memoryMb;
  const look = (): Usage => {
    const usage = usageOf(processesIn(directory));
    peakMb = Math.max(peakMb, usage.memoryMb);
    return usage;
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return { cpuSeconds: look().cpuSeconds - before.cpuSeconds, memoryMb: peakMb };
    },
  };
}
