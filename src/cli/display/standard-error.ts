/** Writes to standard error, where all messages for people go. */
import { escapeControls } from "./escape.ts";

/** Writes a message that may quote user data. */
export function say(message: string): void {
  process.stderr.write(`${escapeControls(message)}\n`);
}

/**
 * Whether a line on this stream can be drawn again and again. Not on a simple terminal, such as an editor's
 * (`TERM=dumb`), and not in the log of a build (`CI`): they show every version of the line.
 */
export function isLive({ isTTY }: Pick<NodeJS.WriteStream, "isTTY">, env = process.env): boolean {
  const { TERM, CI = "" } = env;
  return isTTY && TERM !== "dumb" && ["", "0", "false"].includes(CI);
}
