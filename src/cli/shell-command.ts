/** `fanjoin` commands as text that can be pasted into the user's shell. */
import { DEFAULT_DIRECTORY } from "./local/directory-option.ts";

/** The command that resumes a batch of a directory. */
export function resumeCommand(batch: string, directory: string, env = process.env): string {
  return fanjoinCommand(`resume ${batch}`, inDirectory(directory), env);
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

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
