/** Text of users, as it is shown. It is never markup: components pass it as text. */

/** Control characters, and marks that reorder or hide text. */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const HARMLESS: ReadonlySet<string> = new Set(["\n", "\t", "\u00ad", "\u200d"]);

/** Control and bidirectional characters become escapes; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, (character) => (HARMLESS.has(character) ? character : escapeOf(character)));
}

/** The same on one line: line ends become `↵`. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\r\n|\r|\n/g, "↵")).replaceAll("\t", "⇥");
}

function escapeOf(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

/** At most so many characters, with "…" in place of the rest. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}

/** The end of a path or an URL: `suppliers-q4.csv`. */
export function fileName(source: string): string {
  return source.slice(Math.max(source.lastIndexOf("/"), source.lastIndexOf("\\")) + 1) || source;
}
