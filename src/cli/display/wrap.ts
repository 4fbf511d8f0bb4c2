/** Breaks text into lines that fit a terminal. */
import { stripVTControlCharacters } from "node:util";

/** Narrower lines cannot be read. */
const LEAST_COLUMNS = 16;

/** Between words where that is possible. The text has no line ends. */
export function wrapped(text: string, columns: number): string[] {
  const width = Math.max(columns, LEAST_COLUMNS);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...lines, rest];
}

/**
 * Between words only, so that paths can be copied: a word that is longer has a line of its own. The text may
 * have line ends, and colours, which go on in the next line.
 */
export function wrappedWords(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => (widthOf(line) <= columns ? [line] : brokenLine(line, columns)));
}

function brokenLine(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = `${line} ${word}`;
    if (line === "") line = word;
    else if (widthOf(longer) <= columns) line = longer;
    else {
      lines.push(line.trimEnd());
      line = word;
    }
  }
  return [...lines, line.trimEnd()];
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
