/** Asks before a batch is cancelled. Its numbers are those of the moment when it opened. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { count, counted } from "../../../format.ts";
import { Dialog } from "../../parts/dialog.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { estimated } from "../../words/numbers.ts";
import { Answers } from "./answers.ts";

export interface CancelDialogProps {
  readonly summary: BatchSummary;
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
}

export function CancelDialog({ summary: live, act, onClose }: CancelDialogProps): JSX.Element {
  const [summary] = useState(live);
  const isRedrive = (summary.progress?.failedBefore ?? null) !== null;
  return h(
    Dialog,
    { title: `Cancel this batch of ${summary.job}?`, onClose },
    isRedrive
      ? h("p", { class: "soft" }, "The redrive ends now. What it has not come to stays as it was: failed.")
      : [
          h(
            "p",
            { class: "soft", key: "lead" },
            "The batch ends now, with the result of what is done. It cannot be resumed; a redrive can do the skipped items later.",
          ),
          h(
            "dl",
            { class: "dialog-table num", key: "rows" },
            ...rowsOf(summary).map(([name, value]) =>
              h("div", { key: name }, h("dt", null, name), h("dd", { class: "strong" }, value)),
            ),
          ),
        ],
    h("p", { class: "soft" }, "Calls that items in flight have made are not undone."),
    h(Answers, {
      safe: "Keep it running",
      acting: "Cancelling…",
      word: "Cancel the batch",
      tone: "danger",
      act,
      onClose,
    }),
  );
}

function rowsOf({ items, progress }: BatchSummary): readonly (readonly [name: string, value: string])[] {
  const { succeeded, failed } = items;
  const { inFlight = null, waiting = null, exact } = progress ?? {};
  return [
    [
      `Done: ${count(succeeded)} in the result, ${count(failed)} listed as failed`,
      counted(succeeded + failed, "item"),
    ],
    ...(inFlight === null
      ? []
      : [["In flight: given up, listed as skipped", counted(inFlight, "item")] as const]),
    ...(waiting === null
      ? [["Waiting: listed as skipped", "not known"] as const]
      : [
          [
            "Waiting: listed as skipped",
            exact ? counted(waiting, "item") : `about ${estimated(waiting)} items`,
          ] as const,
        ]),
  ];
}
