/** `--stack` and `--endpoint`: where the batches of a command are. */
import { Option } from "commander";
import type { Command } from "commander";
import { withDirectory, withInsecureEndpoint } from "../common-options.ts";

export function withPlace(command: Command, local = LOCAL): Command {
  return withRemote(withDirectory(command), local);
}

/** Options that have a meaning here only. */
const LOCAL = ["dir", "threads", "concurrency"];

/** The `local` options are refused together with them. */
export function withRemote(command: Command, local = LOCAL): Command {
  const stack = new Option("--stack <name>", "the CloudFormation stack that contains fanjoin");
  const endpoint = new Option("--endpoint <url>", "the base URL of a stack's API, or of `fanjoin dev`");
  command.addOption(stack.conflicts(["endpoint", ...local])).addOption(endpoint.conflicts(local));
  return withInsecureEndpoint(command);
}
