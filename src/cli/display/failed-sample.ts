/** The first failed items of a batch, grouped by error code. */
import { linesOf } from "../../lines-of.ts";
import { parseFailedLine } from "../../core/failed-line.ts";
import type { FailedLine } from "../../core/failed-line.ts";

export interface FailedGroup {
  readonly code: string;
  readonly count: number;
  readonly first: readonly FailedLine[];
}

export interface FailedSample {
  readonly groups: readonly FailedGroup[];
  /** Only the beginning of the file was read: the counts are lower bounds, and codes may be missing. */
  readonly partial: boolean;
}

const MAX_LINES = 1000;
const MAX_SHOWN_PER_CODE = 3;

export async function failedSample(content: AsyncIterable<Uint8Array>): Promise<FailedSample> {
  const lines: FailedLine[] = [];
  let partial = false;
  for await (const text of linesOf(content)) {
    partial = lines.length === MAX_LINES;
    if (partial) break;
    lines.push(parseFailedLine(text));
  }
  const groups = Array.from(
    Map.groupBy(lines, ({ code }) => code),
    ([code, all]) => ({
      code,
      count: all.length,
      first: all.slice(0, MAX_SHOWN_PER_CODE),
    }),
  );
  return { groups, partial };
}

/** `sales.csv:43`, which editors can open, or the most exact place that is known. */
export function placeOf({ source, index, line, chunk }: FailedLine): string {
  if (line !== null) return `${source}:${line}`;
  return index === null ? `${source}, chunk ${chunk}` : `${source}, item ${index}`;
}
