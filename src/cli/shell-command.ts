/** Commands as they can be pasted into the same shell. */
import { DEFAULT_DIRECTORY } from "./local/directory-option.ts";

/** The command that goes on with a batch of a directory. */
export function resumeCommand(batch: string, directory: string, env = process.env): string {
  return fanjoinCommand(`resume ${batch}`, inDirectory(directory), env);
}

/**
 * `place`: the options that say where. `npx` in front where that is how this process came to be: a project's
 * own bin is not on the PATH.
 */
export function fanjoinCommand(rest: string, place: readonly string[], env = process.env): string {
  const npx = env["npm_command"] === undefined ? [] : ["npx"];
  return [...npx, "fanjoin", rest, ...place.map(quoted)].join(" ");
}

/** No options where it is found without. */
export function inDirectory(directory: string): string[] {
  return directory === DEFAULT_DIRECTORY ? [] : ["--dir", directory];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
