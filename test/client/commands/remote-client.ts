/** The command line in a workspace, before a deployed API. */
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import type { Deployed } from "../deployed.ts";

export interface Client {
  readonly at: Workspace;
  /** The options that lead to the stack. */
  readonly on: readonly [string, string];
}

export function client(deployed: Deployed): Client {
  return { at: workspace(deployed.env), on: ["--endpoint", deployed.url] };
}

export const ROWS = "id,note\n1,a\n2,b\n3,bad\n4,d\n";
