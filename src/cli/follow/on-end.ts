/** `--on-end`: runs a command of the user's when a batch has ended. It is never stored. */
import { spawn } from "node:child_process";
import { Option } from "commander";
import type { Command } from "commander";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import { say } from "../display/standard-error.ts";

export interface OnEndOption {
  readonly onEnd?: string;
}

export function withOnEnd(command: Command, ...conflicts: string[]): Command {
  const text = "run this in a shell at the end, with the summary as JSON on its standard input";
  return command.addOption(new Option("--on-end <command>", text).conflicts(conflicts));
}

/**
 * Waits for the command. Its output goes to standard error, because standard output may be a document. If it
 * fails, the user is told so, and the batch is what it was.
 */
export async function runOnEnd(command: string, summary: BatchSummary): Promise<void> {
  const { batch, job, state } = summary;
  const child = spawn(command, {
    shell: true,
    stdio: ["pipe", process.stderr, process.stderr],
    env: { ...process.env, FANJOIN_BATCH: batch, FANJOIN_JOB: job, FANJOIN_STATE: state },
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(reasonOf(error)));
    child.on("close", (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? code}`));
  });
  // A command need not read.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${JSON.stringify(summary)}\n`);
  const wrong = await ended;
  if (wrong !== null) say(`fanjoin: --on-end ${JSON.stringify(command)} failed: ${wrong}`);
}
