/**
 * Text of users' data and file names, as it may go to a terminal: what would move the cursor, colour or
 * reorder the screen is shown as an escape.
 */

/** Control characters but for newlines, the marks that turn the direction of writing, and line separators. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

export function escapeControls(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    character === "\n" ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
