/** Runs the real command in a real process, in a directory of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { builtCommand } from "../builds.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";

/** The command as it is published. */
export const BIN = await builtCommand();
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves with the match as soon as standard error holds one. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A temporary directory in which commands run. */
export interface Workspace {
  readonly path: string;
  write(name: string, text: string): void;
  read(name: string): string;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Outcome>;
  /** Runs with `--json` and parses what it printed. */
  json(...args: string[]): Promise<Outcome & { readonly summary: BatchSummary }>;
}

/** Registers a cleanup for the end of the test. Concurrent tests pass the one of their own context. */
export type OnFinished = (cleanUp: () => void) => void;

export function workspace(env: NodeJS.ProcessEnv = {}, onFinished: OnFinished = onTestFinished): Workspace {
  const path = mkdtempSync(join(tmpdir(), "fanjoin-cli-"));
  onFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  const start = (...args: string[]): Running => startIn(path, args, env, onFinished);
  const run = (...args: string[]): Promise<Outcome> => start(...args).ended;
  return {
    path,
    write(name, text) {
      mkdirSync(join(path, name, ".."), { recursive: true });
      writeFileSync(join(path, name), text);
    },
    read: (name) => readFileSync(join(path, name), "utf8"),
    start,
    run,
    async json(...args) {
      const outcome = await run(...args, "--json");
      return { ...outcome, summary: JSON.parse(outcome.stdout) as BatchSummary };
    },
  };
}

function startIn(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onFinished: OnFinished,
): Running {
  // Without the variables of npx, and without the colour settings of the test runner.
  const { npm_command: _npm, FORCE_COLOR: _force, NO_COLOR: _no, ...rest } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...rest, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      for (const check of waiting) check();
    });
  }
  const ended = new Promise<Outcome>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, ...said }));
  });
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(said.stderr);
          if (!match) return;
          waiting.delete(check);
          resolve(match);
        };
        waiting.add(check);
        void ended.then(() =>
          reject(new Error(`it ended without printing ${String(pattern)}:\n${said.stderr}`)),
        );
        check();
      }),
  };
}

/** The source of a job module over a range. `process` is source text too. */
export function rangeJob({ to = 20, process = "(n) => n", more = "" } = {}): string {
  return `
    import { defineJob, range, sum, collect, count, fold } from "fanjoin";
    export default defineJob({ name: "numbers", input: range(${to}), join: sum(), retries: 0, process: ${process}, ${more} });
  `;
}

/** Thirty items a second for each thread. */
export const SLOW = "async (n) => { await new Promise((resolve) => setTimeout(resolve, 30)); return n; }";
export const SLOW_ITEMS = 100;
export const SLOW_SUM = (SLOW_ITEMS * (SLOW_ITEMS - 1)) / 2;

/** A batch of this size does not end during a test. */
export const ENDLESS_ITEMS = 100_000;

/** Starts a slow batch. At least one of its items has been processed when this resolves. */
export async function startSlow(
  at: Workspace,
  items = SLOW_ITEMS,
): Promise<{ readonly running: Running; readonly batch: string }> {
  const process = SLOW.replace("(n) =>", "(n, ctx) =>").replace(
    "return",
    "if (n === 5) ctx.log.info('five'); return",
  );
  at.write("slow.ts", rangeJob({ to: items, process }));
  const running = at.start("run", "slow.ts", "--concurrency", "2", "--chunk-items", "2");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  await running.said(/five/);
  return { running, batch };
}
