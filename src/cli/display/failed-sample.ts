/** The groups of failed items, of batches whose summary has none: an older fanjoin ended them. */
import { FailureGroups } from "../../core/failures/failure-groups.ts";
import { parseFailedLine } from "../../core/failures/failed-line.ts";
import { linesOf } from "../../lines-of.ts";
import type { ShownFailures } from "./failure-text.ts";

const MAX_LINES = 1000;

/** Groups the items of a list, by default only its first thousand. */
export async function failedSample(
  content: AsyncIterable<Uint8Array>,
  most = MAX_LINES,
): Promise<ShownFailures> {
  const groups = new FailureGroups();
  let lines = 0;
  for await (const text of linesOf(content)) {
    if (lines === most) return { ...groups.summary(), partial: true };
    groups.add(parseFailedLine(text));
    lines++;
  }
  return { ...groups.summary(), partial: false };
}
