/** What `fanjoin help` says beside the help of a command: topics, error codes, and where to read more. */
import { ERROR_CODES } from "../../core/errors/errors.ts";
import type { ErrorCode } from "../../core/errors/errors.ts";
import { wrappedWords } from "../display/wrap.ts";
import { documentPath, placeText } from "./document-path.ts";
import { PLACES_OF_CODES } from "./places.ts";
import { INDEX, topics } from "./topics.ts";
import type { Topic } from "./topics.ts";

/** Names and purposes stand side by side from this width on. */
const WIDE_COLUMNS = 60;

/** Where there is no terminal. */
const PLAIN_COLUMNS = 80;

export function helpColumns(): number {
  return process.stdout.columns ?? PLAIN_COLUMNS;
}

/** `columns`: of the terminal. */
export function topicsText(columns: number): string {
  const all = topics();
  const width = Math.max(0, ...all.map(({ name }) => name.length)) + 4;
  const lines = all.flatMap(({ name, purpose }) => {
    if (columns < WIDE_COLUMNS) return [`  ${name}`, ...indented(purpose, 4, columns)];
    const [first = "", ...rest] = indented(purpose, width, columns);
    return [`  ${name}`.padEnd(width) + first.trimStart(), ...rest];
  });
  return [
    ...wrappedWords("Topics, for `fanjoin help <topic>`, each with its page:", columns),
    ...lines,
    "",
    ...wrappedWords("`fanjoin help <code>` explains an error code.", columns),
    ...wrappedWords(`All pages: ${documentPath(INDEX)}`, columns),
  ].join("\n");
}

export function topicText({ name, page, purpose, sections }: Topic, columns: number): string {
  return [
    ...wrappedWords(`${name}: its page ${purpose}.`, columns),
    "",
    `  ${documentPath(page)}`,
    ...(sections.length === 0 ? [] : ["", "Its sections:"]),
    ...sections.flatMap((section) => indented(section, 2, columns)),
  ].join("\n");
}

export function codeText(code: ErrorCode, columns: number): string {
  const { means, retry } = ERROR_CODES[code];
  const later = retry ? "The same may succeed later, unchanged." : "Trying again, unchanged, does not help.";
  return [
    ...wrappedWords(`${code}: ${means}.`, columns),
    ...wrappedWords(later, columns),
    "",
    ...wrappedWords(seeText(code), columns),
    ...wrappedWords(`All codes: ${documentPath("errors.md")}`, columns),
  ].join("\n");
}

/** The line below an error. */
export function seeText(code: ErrorCode): string {
  return `See ${placeText(PLACES_OF_CODES[code])}`;
}

function indented(text: string, indent: number, columns: number): string[] {
  return wrappedWords(text, columns - indent).map((line) => `${" ".repeat(indent)}${line}`);
}
