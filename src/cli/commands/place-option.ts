/** `--dir`, or `--stack` or `--endpoint`: where the batches are that a command is about. */
import { Option } from "commander";
import type { Command } from "commander";
import type { Batches } from "../batches.ts";
import { directoryBatches } from "../local/directory-batches.ts";
import { withDirectory } from "../local/directory-option.ts";
import type { DirectoryOption } from "../local/directory-option.ts";
import type { RemoteOptions } from "../remote/base-url.ts";

export type PlaceOptions = DirectoryOption & RemoteOptions;

export function withPlace(command: Command): Command {
  return withRemote(withDirectory(command));
}

/** What belongs to a directory only is refused beside them. */
export function withRemote(command: Command): Command {
  const stack = new Option("--stack <name>", "the CloudFormation stack that a fanjoin is deployed as");
  const endpoint = new Option("--endpoint <url>", "the base URL of its API, or of `fanjoin dev`");
  return command
    .addOption(stack.conflicts(["endpoint", "dir", "concurrency"]))
    .addOption(endpoint.conflicts(["dir", "concurrency"]));
}

/** What talks to AWS is loaded only for those who want it. */
export async function batchesAt({ dir, ...remote }: PlaceOptions): Promise<Batches> {
  if (remote.stack === undefined && remote.endpoint === undefined) return directoryBatches({ dir });
  const { remoteBatches } = await import("../remote/remote-batches.ts");
  return remoteBatches(remote);
}
