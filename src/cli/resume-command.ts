/** The command that goes on with a batch, as it can be pasted into the same shell. */
import { DEFAULT_DIRECTORY } from "./directory-option.ts";

export function resumeCommand(batch: string, directory: string, env = process.env): string {
  return fanjoinCommand(`resume ${batch}`, directory, env);
}

/** `npx` in front where that is how this process came to be: a project's own bin is not on the PATH. */
export function fanjoinCommand(rest: string, directory: string, env = process.env): string {
  const npx = env["npm_command"] === undefined ? "" : "npx ";
  const where = directory === DEFAULT_DIRECTORY ? "" : ` --dir ${quoted(directory)}`;
  return `${npx}fanjoin ${rest}${where}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
