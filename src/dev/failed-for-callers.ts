/** Lists of failed items as callers of the API get them: their messages name files of this machine. */
import { linesOf } from "../lines-of.ts";
import { lineTextForCallers } from "../api/handlers/failed-page.ts";

export function isFailedList(name: string): boolean {
  return /^batches\/[^/]+\/failed\.jsonl$/.test(name);
}

/** The same lines, with every text of their errors rewritten. Throws `DIRECTORY_UNUSABLE`. */
export async function* failedForCallers(
  content: AsyncIterable<Uint8Array>,
  forCallers: (message: string) => string,
): AsyncGenerator<Uint8Array> {
  for await (const text of linesOf(content)) yield Buffer.from(`${lineTextForCallers(text, forCallers)}\n`);
}
