/** Runs any command, for tests that need a shell or another user around fanjoin. */
import { spawn } from "node:child_process";
import type { SpawnOptions } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Outcome } from "../command.ts";

/** Standard input is empty, unless the command redirects it. */
export async function runAny(
  command: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "stdio">,
): Promise<Omit<Outcome, "signal">> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
