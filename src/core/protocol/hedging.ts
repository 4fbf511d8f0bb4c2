/**
 * The steps of a look for stragglers: chunks that may be hedged are noted, and then sent once more. Nothing
 * depends on a hedge, so a process that dies in between leaves no work behind.
 */
import type { Step } from "./task.ts";

const hedge: Step<"hedge", "stragglers"> = {
  effect: ({ node, slow }) => ({ kind: "stragglers", node, slow }),
  follow(_, { note, messages }) {
    return note === null || messages.length === 0 ? [] : [{ do: "note-hedges", note, messages }];
  },
};

/** Refused if another look was first: then that one sends. */
const noteHedges: Step<"note-hedges", "update"> = {
  effect: ({ note }) => ({ kind: "update", update: note }),
  follow: ({ messages }, { applied }) => (applied ? [{ do: "send", queue: "worker", messages }] : []),
};

export const hedging = { hedge, "note-hedges": noteHedges };
