/** `fanjoin dev`: the HTTP API on this machine, and a folder in which a dropped file starts a batch. */
import { Command, InvalidArgumentError } from "commander";
import { withDirectory } from "../local/directory-option.ts";
import type { DevOptions } from "../dev/serve.ts";
import { withConcurrency } from "../common-options.ts";

const DEFAULT_PORT = 4747;

const HELP = `
The API is the one of a deployed stack. It listens on this machine only, and wants the token (--token, or FANJOIN_TOKEN, or one that is
made and printed) as \`authorization: Bearer …\`. A file that is dropped into uploads/<job>/ starts a batch once it is complete.

Examples:
  fanjoin dev sales.ts
  fanjoin dev jobs/*.ts --port 0
  curl -H "authorization: Bearer $FANJOIN_TOKEN" http://127.0.0.1:${DEFAULT_PORT}/batches`;

export function devCommand(): Command {
  const command = new Command("dev")
    .description("serve the HTTP API on this machine, and start batches of files dropped into a folder")
    .argument("<job...>", "modules with a job as their default export, e.g. sales.ts")
    .option("--port <n>", "where to listen on 127.0.0.1; 0 is any that is free", port, DEFAULT_PORT)
    .option("--uploads <dir>", "where a file dropped into <dir>/<job>/ starts a batch", "uploads")
    .option("--token <token>", `what requests have to know; default: FANJOIN_TOKEN, or one that is made`);
  return withConcurrency(withDirectory(command))
    .addHelpText("after", HELP)
    .action(async (jobs: string[], options: DevOptions) => {
      // No other command waits for what a server needs to be loaded.
      const { dev } = await import("../dev/serve.ts");
      process.exitCode = await dev(jobs, options);
    });
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new InvalidArgumentError("It has to be a number from 0 to 65535.");
}
