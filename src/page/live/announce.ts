/** What is said to readers of screens: little, and never twice in short time. Pure. */
import { count } from "../../format.ts";
import { percentDone } from "../batch/figures/progress-words.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";
import { messageOf } from "../words/failures.ts";
import { oneLine } from "../words/printable.ts";
import { hasEnded, wordsOf } from "../words/states.ts";

/** Quarters are not said more often. */
const QUIET_MS = 60_000;

export interface Spoken {
  /** `null`: nothing. */
  readonly text: string | null;
  /** When a quarter was said last. */
  readonly quarterAt: number;
}

/** `before` is the snapshot that was shown before; `null` at first, when nothing is said. */
export function announcement(before: BatchSnapshot | null, after: BatchSnapshot, quarterAt: number): Spoken {
  if (!before) return { text: null, quarterAt };
  const [was, is] = [before.summary, after.summary];
  if (was.state !== is.state) return { text: stateText(after), quarterAt };
  if (was.items.failed === 0 && is.items.failed > 0) return { text: firstFailure(after), quarterAt };
  const quarter = Math.floor((percentDone(is) ?? 0) / 25);
  const isNew = quarter > Math.floor((percentDone(was) ?? 0) / 25) && quarter < 4;
  if (isNew && after.at - quarterAt >= QUIET_MS)
    return { text: `${quarter * 25} % done`, quarterAt: after.at };
  return { text: null, quarterAt };
}

function stateText({ summary }: BatchSnapshot): string {
  const { state, items, job } = summary;
  const { word } = wordsOf(state);
  const counts = hasEnded(state)
    ? `: ${count(items.succeeded)} succeeded, ${count(items.failed)} failed`
    : "";
  return `${job}: ${word}${counts}`;
}

function firstFailure({ failures }: BatchSnapshot): string {
  const [first] = failures.groups;
  return first ? `First item failed: ${oneLine(messageOf(first))}` : "First item failed";
}
