/** Trials of what becomes of tasks that fail, hang or end their process, and of a killed program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CompareContestant } from "./contestants.ts";
import { endAll, processesIn } from "./processes.ts";
import { startProgram } from "./program.ts";
import type { Answer, Program } from "./program.ts";
import { directoryOfItsOwn, removed } from "./speed.ts";
import { KILLED_TRIALS, TRIAL_LIMIT_S, TRIAL_WORKERS, TRIALS } from "./trial-settings.ts";

/** How the broken task is broken. */
export type Fault = "throws" | "waits" | "spins" | "exits" | "kills";
export const FAULTS: { readonly [fault in Fault]: string } = {
  throws: "throws",
  waits: "waits for ever",
  spins: "computes for ever",
  exits: "exits its process",
  kills: "kills its process",
};

/** After a trial with one broken task. */
export interface FaultSeen {
  /** Whether the call came back, in this program or in one that was started again after it had died. */
  readonly outcome: "answered" | "hung" | "died";
  /** How often the program died and was started again. */
  readonly starts: number;
  /** The error that the call threw in place of an answer. */
  readonly raised: string | null;
  /** How many values of the other tasks the caller has, and how many there are. */
  readonly values: number;
  readonly others: number;
  /** How many errors the caller has. */
  readonly failed: number;
  /** Whether the program ended when it was told to. */
  readonly exited: boolean;
}

/** After a kill of the program in the middle, and a second start. */
export interface KillSeen {
  readonly tasks: number;
  readonly doneBefore: number;
  /** By processes that went on without it. */
  readonly doneAfter: number;
  readonly processesLeft: number;
  readonly outcome: "answered" | "hung" | "died";
  readonly values: number;
  /** How many of the tasks that were done at the kill were done again. */
  readonly doneAgain: number;
}

export interface TrialOptions {
  /** With the call that has a limit and a result for each task, or as the call is usually written. */
  readonly careful: boolean;
  /** How long a call may take before it counts as hung. */
  readonly hungMs: number;
}

const READY_MS = 60_000;
const END_MS = 10_000;
/** A program that dies of its tasks is started again so often. */
const STARTS = 3;
const KILLED_TASK_MS = 250;
/** How long processes that were left may go on. */
const LEFT_MS = 4000;

interface Trial {
  readonly contestant: CompareContestant;
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function tryFault(
  contestant: CompareContestant,
  fault: Fault,
  { careful, hungMs }: TrialOptions,
): Promise<FaultSeen> {
  const directory = await directoryOfItsOwn();
  const trial = { contestant, directory, env: { COMPARE_FAULT: fault } };
  const request = { trials: TRIALS, limit: careful ? TRIAL_LIMIT_S : null };
  try {
    let starts = 0;
    for (;;) {
      const { program, answer } = await called(trial, request, { again: starts > 0, hungMs });
      starts += 1;
      if (answer === "ended" && starts < STARTS) continue;
      const exited = typeof answer === "object" && (await program.end(END_MS));
      return { ...faultSeen(answer), starts, exited };
    }
  } finally {
    endAll(directory);
    await removed(directory);
  }
}

/** Starts the program and makes one call. */
async function called(
  { contestant, directory, env }: Trial,
  request: object,
  { again, hungMs }: { readonly again: boolean; readonly hungMs: number },
): Promise<{ program: Program; answer: Answer }> {
  const program = startProgram({
    command: contestant.command({ work: "trial", workers: TRIAL_WORKERS, again }),
    directory,
    env: { ...contestant.env, ...env },
  });
  const ready = await program.answer(READY_MS);
  const answer = ready === "ended" || ready === "late" ? ready : await program.ask(request, hungMs);
  return { program, answer };
}

interface Tried {
  readonly raised: string | null;
  readonly values: readonly number[];
  readonly failed: readonly string[];
}

function faultSeen(answer: Answer): Omit<FaultSeen, "starts" | "exited"> {
  const others = TRIALS - 1;
  if (typeof answer === "string") {
    return { outcome: outcomeOf(answer), raised: null, values: 0, others, failed: 0 };
  }
  const { raised, values, failed } = answer.document as Tried;
  return { outcome: "answered", raised, values: new Set(values).size, others, failed: failed.length };
}

function outcomeOf(answer: Answer): FaultSeen["outcome"] {
  if (typeof answer === "object") return "answered";
  return answer === "late" ? "hung" : "died";
}

/** Kills the program, and nothing else of it, when a quarter of the tasks are done. Then starts it again. */
export async function tryKill(
  contestant: CompareContestant,
  { careful, hungMs }: TrialOptions,
): Promise<KillSeen> {
  const directory = await directoryOfItsOwn();
  const trial = { contestant, directory, env: { COMPARE_TRIAL_MS: String(KILLED_TASK_MS) } };
  const request = { trials: KILLED_TRIALS, limit: careful ? TRIAL_LIMIT_S * 5 : null };
  try {
    const program = startProgram({
      command: contestant.command({ work: "trial", workers: TRIAL_WORKERS, again: false }),
      directory,
      env: { ...contestant.env, ...trial.env },
    });
    await program.answer(READY_MS);
    void program.ask(request, READY_MS);
    const end = performance.now() + READY_MS;
    while (doneIn(directory).size < KILLED_TRIALS / 4 && performance.now() < end) await sleep(20);
    process.kill(program.pid, "SIGKILL");
    const before = doneIn(directory);
    await sleep(LEFT_MS);
    const after = doneIn(directory);
    const processesLeft = processesIn(directory).length;
    const { answer } = await called(trial, request, { again: true, hungMs });
    const done = doneIn(directory);
    return {
      tasks: KILLED_TRIALS,
      doneBefore: before.size,
      doneAfter: after.size - before.size,
      processesLeft,
      outcome: outcomeOf(answer),
      values: typeof answer === "object" ? new Set((answer.document as Tried).values).size : 0,
      doneAgain: [...before].filter(([n, times]) => (done.get(n) ?? 0) > times).length,
    };
  } finally {
    endAll(directory);
    await removed(directory);
  }
}

/** How often each task was done, by the traces that they leave. */
function doneIn(directory: string): Map<string, number> {
  const names = readdirSync(directory).filter((name) => name.startsWith("done-"));
  return new Map(names.map((name) => [name, readFileSync(join(directory, name)).length / 2]));
}
