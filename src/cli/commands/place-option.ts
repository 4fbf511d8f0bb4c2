/** `--dir`, `--stack` and `--endpoint`: where the batches of a command are. */
import { Option } from "commander";
import type { Command } from "commander";
import type { Batches } from "../batches.ts";
import { withInsecureEndpoint } from "../common-options.ts";
import { usage } from "../error-text.ts";
import { directoryBatches } from "../local/directory-batches.ts";
import { withDirectory } from "../local/directory-option.ts";
import type { DirectoryOption } from "../local/directory-option.ts";
import type { RemoteOptions } from "../remote/base-url.ts";

export type PlaceOptions = DirectoryOption & RemoteOptions;

export function withPlace(command: Command): Command {
  return withRemote(withDirectory(command));
}

/** Options of a directory are refused together with them. */
export function withRemote(command: Command): Command {
  const stack = new Option("--stack <name>", "the CloudFormation stack that contains fanjoin");
  const endpoint = new Option("--endpoint <url>", "the base URL of a stack's API, or of `fanjoin dev`");
  command
    .addOption(stack.conflicts(["endpoint", "dir", "concurrency"]))
    .addOption(endpoint.conflicts(["dir", "concurrency"]));
  return withInsecureEndpoint(command);
}

/** The code that talks to AWS is loaded only if it is needed. */
export async function batchesAt({ dir, ...remote }: PlaceOptions): Promise<Batches> {
  if (remote.stack === undefined && remote.endpoint === undefined) {
    if (remote.insecureEndpoint)
      throw usage("--insecure-endpoint needs --stack or --endpoint: there is none");
    return directoryBatches({ dir });
  }
  const { remoteBatches } = await import("../remote/remote-batches.ts");
  return remoteBatches(remote);
}
