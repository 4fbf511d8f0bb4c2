/**
 * `fanjoin dev`: serves the HTTP API on this machine, and starts a batch for each file dropped into a folder.
 */
import { Command, InvalidArgumentError } from "commander";
import { threadsOf, withDirectory, withThreads } from "../common-options.ts";
import type { ThreadsOption } from "../common-options.ts";
import type { DevOptions } from "../../dev/serve.ts";

const DEFAULT_PORT = 4747;

const HELP = `
The API is the same as on a deployed stack. It listens on this machine only.
Requests need the token as \`authorization: Bearer …\`. The token is --token, or
FANJOIN_TOKEN, or a new one that is printed at the start.
A file dropped into uploads/<job>/ starts a batch once it is complete.

Examples:
  fanjoin dev sales.ts
  fanjoin dev jobs/*.ts --port 0
  curl -H "authorization: Bearer $FANJOIN_TOKEN" \\
    http://127.0.0.1:${DEFAULT_PORT}/batches`;

export function devCommand(): Command {
  const command = new Command("dev")
    .description("serve the HTTP API on this machine, and start batches of files dropped into a folder")
    .argument("<job...>", "modules with a job as their default export, e.g. sales.ts")
    .option("--port <n>", "the port on 127.0.0.1; 0 picks a free one", port, DEFAULT_PORT)
    .option("--uploads <dir>", "a file dropped into <dir>/<job>/ starts a batch", "uploads")
    .option("--token <token>", "the token that requests need (default: FANJOIN_TOKEN, or a new one)");
  return withThreads(withDirectory(command))
    .addHelpText("after", HELP)
    .action(async (jobs: string[], options: DevOptions & ThreadsOption) => {
      // Loaded here, so that the other commands start without a server's modules.
      const { dev } = await import("../../dev/serve.ts");
      process.exitCode = await dev(jobs, { ...options, threads: threadsOf(options) });
    });
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}
