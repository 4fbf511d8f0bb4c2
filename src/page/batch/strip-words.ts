/** The strip under the header: only where there is something to say. Pure. */
import { count, counted } from "../../format.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { PlaceView } from "../place-view.ts";
import type { Tone } from "../words/states.ts";
import { hasEnded } from "../words/states.ts";

export interface StripWords {
  readonly text: string;
  readonly tone: Tone;
  readonly command?: string;
  /** The button or link in it. */
  readonly action?: "resume" | "redrive" | "show-failed";
}

/** The first 8 characters of an id are enough for commands. */
export function shortId(batch: string): string {
  return batch.slice(0, 8);
}

export function stripWords(summary: BatchSummary, place: PlaceView | null): readonly StripWords[] {
  const own = stateWords(summary, place);
  const { damaged, enough, maxItems, larger } = summary;
  return [
    ...(own ? [own] : []),
    ...(damaged === 0
      ? []
      : [
          {
            text: `${counted(damaged, "input")} turned out damaged after items of the damaged part had counted. The failed item of each says which items are in doubt.`,
            tone: "warn" as const,
          },
        ]),
    ...(enough === undefined
      ? []
      : [{ text: `Ended early, because it has enough: ${enough}`, tone: "quiet" as const }]),
    ...(maxItems === undefined
      ? []
      : [{ text: `Only the first ${counted(maxItems, "item")} of the input.`, tone: "quiet" as const }]),
    ...(larger === undefined
      ? []
      : [
          {
            text: `${counted(larger, "chunk")} went to the larger function, because an attempt had died.`,
            tone: "quiet" as const,
          },
        ]),
  ];
}

function stateWords(summary: BatchSummary, place: PlaceView | null): StripWords | null {
  const { state, items, error, batch } = summary;
  if (state === "cancelling")
    return { text: "Ending: chunks in flight are given up, the result is joined", tone: "busy" };
  if (state === "paused")
    return { text: "Paused. Nothing further begins; nothing is lost.", tone: "quiet", action: "resume" };
  if (state === "interrupted")
    return {
      text: "Nobody works on this batch. It goes on with",
      tone: "warn",
      command: `fanjoin resume ${shortId(batch)}${place?.options ?? ""}`,
    };
  if (state === "failed") return { text: failedWords(summary), tone: "bad" };
  if (state === "cancelled")
    return {
      text: `Cancelled. The result holds the ${counted(items.succeeded, "item")} that succeeded; ${skippedWords(summary)}`,
      tone: "quiet",
      action: "redrive",
    };
  return error ? { text: errorWords(error), tone: "warn" } : null;
}

function skippedWords({ items, chunks }: BatchSummary): string {
  if (items.skipped !== null)
    return `${count(items.skipped)} ${items.skipped === 1 ? "was" : "were"} skipped.`;
  return chunks.skipped > 0
    ? `${counted(chunks.skipped, "chunk")} were skipped.`
    : "the rest of the input was not read.";
}

function failedWords({ error, result }: BatchSummary): string {
  const what = error ? errorWords(error) : "The batch failed.";
  return result ? `${what} The result holds what was done.` : what;
}

/** `More items failed than the job tolerates: 1,000 of 3,120. [TOO_MANY_FAILURES]` */
export function errorWords({ code, message }: NonNullable<BatchSummary["error"]>): string {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return `${sentence}${/[.!?]$/.test(sentence) ? "" : "."} [${code}]`;
}

/** On an open page the order stays as it was, and this line says that the batch has ended. */
export function endedMeanwhile({ state, items }: BatchSummary): StripWords | null {
  if (!hasEnded(state)) return null;
  return items.failed > 0
    ? { text: `Ended: ${counted(items.failed, "item")} failed.`, tone: "warn", action: "show-failed" }
    : { text: "Ended: no item failed.", tone: "ok" };
}
