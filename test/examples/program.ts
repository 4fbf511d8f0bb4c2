/** Runs a program in a process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { OnFinished } from "../cli/command.ts";

export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onFinished: OnFinished;
}

export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env = {}, onFinished }: Surroundings,
): Promise<Printed> {
  const { FORCE_COLOR: _force, ...rest } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { ...rest, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onFinished(() => void child.kill("SIGKILL"));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[code: number | null]>,
  ]);
  return { code, stdout, stderr };
}
