/**
 * Text from user data and file names, made safe for a terminal: characters that would move the cursor, change
 * colours or reorder the screen are shown as escapes.
 */

/** Control characters except newlines, bidirectional marks, and line separators. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

export function escapeControls(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    character === "\n" ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
