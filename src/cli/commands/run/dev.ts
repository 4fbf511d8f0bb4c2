/**
 * `fanjoin dev`: serves the HTTP API on this machine, and starts a batch for each file dropped into a folder.
 */
import { Command } from "commander";
import { portOption, threadsOf, withDirectory, withThreads } from "../../common-options.ts";
import type { ThreadsOption } from "../../common-options.ts";
import { checkedOrigin } from "../../../core/stack/web-origins.ts";
import type { DevOptions } from "../../../dev/serve.ts";

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

type Given = Omit<DevOptions, "origins"> & ThreadsOption & { readonly origin?: readonly string[] };

export function devCommand(): Command {
  const command = new Command("dev")
    .description("serve the HTTP API on this machine, and start batches of files dropped into a folder")
    .argument("<job...>", "modules with a job as their default export, e.g. sales.ts")
    .addOption(portOption(DEFAULT_PORT, String(DEFAULT_PORT)))
    .option("--uploads <dir>", "a file dropped into <dir>/<job>/ starts a batch", "uploads")
    .option("--token <token>", "the token that requests need (default: FANJOIN_TOKEN, or a new one)")
    .option(
      "--origin <origin>",
      "lets web pages of this origin send requests, e.g. https://shop.example; may be repeated",
      origin,
    );
  command.option("--schedule", "start batches at the times of the jobs' schedules (UTC)");
  return withThreads(withDirectory(command))
    .addHelpText("after", HELP)
    .action(async (jobs: string[], { origin: origins = [], ...options }: Given) => {
      // Loaded here, so that the other commands start without a server's modules.
      const { dev } = await import("../../../dev/serve.ts");
      process.exitCode = await dev(jobs, { ...options, origins, threads: threadsOf(options) });
    });
}

function origin(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, checkedOrigin(text, "--origin", "USAGE")];
}
