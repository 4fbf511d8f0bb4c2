/** Lists of failed items as callers of the API get them: their messages name files of this machine. */
import { linesOf } from "../lines-of.ts";
import { failedLineText, parseFailedLine } from "../core/failures/failed-line.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";

export function isFailedList(name: string): boolean {
  return /^batches\/[^/]+\/failed\.jsonl$/.test(name);
}

/** The same lines, with every text of their errors rewritten. Throws `DIRECTORY_UNUSABLE`. */
export async function* failedForCallers(
  content: AsyncIterable<Uint8Array>,
  forCallers: (message: string) => string,
): AsyncGenerator<Uint8Array> {
  for await (const text of linesOf(content)) {
    const line = parseFailedLine(text);
    const error: unknown = JSON.parse(JSON.stringify(line.error), (_key, value: unknown) =>
      typeof value === "string" ? forCallers(value) : value,
    );
    yield Buffer.from(`${failedLineText({ ...line, error: error as FailedLine["error"] })}\n`);
  }
}
