/**
 * Text from user data, file names, endpoints and state directories, made safe for a terminal: characters that
 * would move the cursor, change colours or reorder the screen are shown as escapes.
 */

/** Control characters except newlines and tabs, bidirectional marks, and line separators. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const HARMLESS = ["\n", "\t"];

/** Newlines and tabs stay. */
export function escapeControls(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    HARMLESS.includes(character) ? character : escapeOf(character),
  );
}

/** Text that belongs on one line, such as a name: a newline in it is no end of the line. */
export function escapeLine(text: string): string {
  return text.replaceAll(UNSAFE, escapeOf);
}

/** An entry of a log: no newline in it can begin what looks like another entry. */
export function escapeEntry(text: string): string {
  return escapeControls(text.trimEnd()).replaceAll("\n", "\n  ");
}

/** JSON text has these characters only within strings, where an escape means the same. */
function escapeOf(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
