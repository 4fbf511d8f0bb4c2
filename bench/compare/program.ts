/** A contestant's program: it answers requests by lines, and has a limit for everything. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProgramOptions {
  readonly command: readonly string[];
  /** Its own: working directory, temporary files, traces of its tasks. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** `late`: no answer within the limit. `ended`: the program ended before it answered. */
export type Answer = { readonly document: unknown } | "late" | "ended";

export interface Program {
  readonly pid: number;
  /** The last lines that it wrote to standard error. */
  errors(): string;
  /** Its next line; it is written without a request once the program is ready. */
  answer(limitMs: number): Promise<Answer>;
  ask(request: object, limitMs: number): Promise<Answer>;
  /** Closes its standard input. False if it has not ended after the limit. */
  end(limitMs: number): Promise<boolean>;
}

const KEPT_ERRORS = 4000;

export function startProgram({ command: [file = "", ...args], directory, env }: ProgramOptions): Program {
  const child = spawn(file, args, {
    cwd: directory,
    // Threads of Node wait for files in a pool of four. All contestants have as many tasks in flight.
    env: { ...process.env, UV_THREADPOOL_SIZE: "64", TMPDIR: directory, COMPARE_DIR: directory, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-KEPT_ERRORS);
  });
  // The program may end while it is asked.
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout });
  const waiting: ((document: unknown) => void)[] = [];
  const early: unknown[] = [];
  lines.on("line", (line) => {
    const document: unknown = JSON.parse(line);
    const next = waiting.shift();
    if (next) next(document);
    else early.push(document);
  });
  const ended = endOf(child);

  async function answer(limitMs: number): Promise<Answer> {
    if (early.length > 0) return { document: early.shift() };
    const late = new AbortController();
    const line = new Promise<unknown>((resolve) => waiting.push(resolve));
    try {
      return await Promise.race([
        line.then((document) => ({ document })),
        ended.then(() => "ended" as const),
        sleep(limitMs, "late" as const, late),
      ]);
    } finally {
      late.abort();
    }
  }

  return {
    pid: child.pid ?? 0,
    errors: () => errors,
    answer,
    ask(request, limitMs) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return answer(limitMs);
    },
    async end(limitMs) {
      child.stdin.end();
      const late = new AbortController();
      try {
        return await Promise.race([ended.then(() => true), sleep(limitMs, false, late)]);
      } finally {
        late.abort();
      }
    },
  };
}

/** The exit: processes that it has left may keep its standard output open. */
async function endOf(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    // Answers that were written before the exit come first.
    child.once("exit", () => setTimeout(resolve, 50));
  });
}
