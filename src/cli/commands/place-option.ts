/** `--stack` and `--endpoint`: where the batches of a command are. */
import { Option } from "commander";
import type { Command } from "commander";
import { withDirectory, withInsecureEndpoint } from "../common-options.ts";

export function withPlace(command: Command): Command {
  return withRemote(withDirectory(command));
}

/** Options of a directory are refused together with them. */
export function withRemote(command: Command): Command {
  const stack = new Option("--stack <name>", "the CloudFormation stack that contains fanjoin");
  const endpoint = new Option("--endpoint <url>", "the base URL of a stack's API, or of `fanjoin dev`");
  const local = ["dir", "threads", "concurrency"];
  command.addOption(stack.conflicts(["endpoint", ...local])).addOption(endpoint.conflicts(local));
  return withInsecureEndpoint(command);
}
