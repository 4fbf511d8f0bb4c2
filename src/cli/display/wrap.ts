/** Breaks text into lines that fit a terminal. */

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
