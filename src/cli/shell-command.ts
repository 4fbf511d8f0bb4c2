/** `fanjoin` commands as text that can be pasted into the user's shell. */
import { isWithin } from "../find-inputs/real-path.ts";
import { DEFAULT_DIRECTORY } from "../open/default-directory.ts";
import { quoted } from "../core/quoted.ts";

/** An unfinished batch of a directory. `jobFile`: as it is recorded. */
export interface Resumable {
  readonly batch: string;
  readonly directory: string;
  readonly jobFile: string | null;
}

/** The command that resumes a batch. It names a job file that would be refused otherwise. */
export function resumeCommand({ batch, directory, jobFile }: Resumable, env = process.env): string {
  const job = jobFile === null || isWithin(jobFile, process.cwd()) ? [] : ["--job", jobFile];
  return fanjoinCommand(`resume ${batch}`, [...inDirectory(directory), ...job], env);
}

/**
 * `place` holds the options that say where the batches are. The command begins with `npx` if this process was
 * started through npm: the bin of a project is not on the PATH.
 */
export function fanjoinCommand(rest: string, place: readonly string[], env = process.env): string {
  const npx = env["npm_command"] === undefined ? [] : ["npx"];
  return [...npx, "fanjoin", rest, ...place.map(quoted)].join(" ");
}

/** No options for the default directory. */
export function inDirectory(directory: string): string[] {
  return directory === DEFAULT_DIRECTORY ? [] : ["--dir", directory];
}
