/** The contestants of a benchmark, each run in a process of its own, round after round. */
import { spawn } from "node:child_process";
import type { SpawnOptions } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The measurements of one run of a contestant. */
export interface Run {
  readonly figures: Figures;
  /** What it computed: contestants that disagree are not comparable. `null`: it did not get so far. */
  readonly answer: string | null;
}

export interface Figures {
  readonly [figure: string]: number;
}

export interface Contestant {
  readonly name: string;
  /** What exactly runs. */
  readonly about: string;
  /** Why it cannot run here, `null` if it can. */
  readonly missing: string | null;
  readonly run: () => Promise<Run>;
}

/** A contestant as it stands after all rounds. */
export interface Standing {
  readonly name: string;
  readonly about: string;
  readonly skipped: string | null;
  /** Of every figure the median of the rounds. */
  readonly median: Figures;
  readonly rounds: readonly Figures[];
}

export interface Round {
  readonly contestant: string;
  readonly round: number;
  readonly figures: Figures;
}

/** Every contestant once per round, in turn, so that a disturbance of the machine disturbs them all. */
export async function compete(
  contestants: readonly Contestant[],
  rounds: number,
  onRound: (round: Round) => void,
): Promise<Standing[]> {
  const runs = new Map(contestants.map(({ name }) => [name, [] as Figures[]]));
  const answers = new Map<string, string>();
  for (let round = 1; round <= rounds; round++) {
    for (const { name, missing, run } of contestants) {
      if (missing !== null) continue;
      const { figures, answer } = await run();
      runs.get(name)?.push(figures);
      if (answer !== null) answers.set(answer, name);
      onRound({ contestant: name, round, figures });
    }
  }
  if (answers.size > 1) throw new Error(`these disagree: ${JSON.stringify([...answers])}`);
  return contestants.map(({ name, about, missing }) => {
    const rounds = runs.get(name) ?? [];
    return { name, about, skipped: missing, median: medians(rounds), rounds };
  });
}

function medians(rounds: readonly Figures[]): Figures {
  const names = new Set(rounds.flatMap((figures) => Object.keys(figures)));
  const ofAll = (name: string): number[] => rounds.flatMap((figures) => figures[name] ?? []);
  return Object.fromEntries(Array.from(names, (name) => [name, median(ofAll(name))]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Runs a script of `bench/contestants/` with this Node; the last line of its output is a `Run`. */
export function runScript(name: string, args: readonly (string | number)[], flags: readonly string[] = []) {
  const script = fileURLToPath(import.meta.resolve(`./contestants/${name}`));
  return runProcess(process.execPath, [...flags, script, ...args.map(String)]);
}

/** The figure `processMs` is added: from start to exit. */
export async function runProcess(command: string, args: readonly string[]): Promise<Run> {
  const { output, processMs } = await timed(command, args);
  const { figures, answer } = parseRun(output.trimEnd().split("\n").at(-1) ?? "");
  return { figures: { ...figures, processMs }, answer };
}

export interface TimedOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  readonly onStart?: (pid: number) => void;
}

/** The output of a process, and how long it takes from start to exit. Throws if it does not end with 0. */
export async function timed(
  command: string,
  args: readonly string[],
  { onStart, ...options }: TimedOptions = {},
): Promise<{ output: string; processMs: number }> {
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const processMs = performance.now() - start;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${String(code)}`);
  return { output, processMs };
}

function parseRun(line: string): Run {
  const run: unknown = JSON.parse(line);
  if (typeof run === "object" && run !== null && "figures" in run && "answer" in run) return run as Run;
  throw new Error(`not what a contestant prints: ${line}`);
}
