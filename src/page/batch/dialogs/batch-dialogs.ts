/** The dialog that is open, if one is. */
import { h } from "preact";
import type { JSX } from "preact";
import { Command } from "../../parts/command.ts";
import { Dialog } from "../../parts/dialog.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import type { PlaceView } from "../../place-view.ts";
import type { LiveFailures, LiveGroup } from "../../../core/failures/failure-summary.ts";
import { act, commandOf } from "../actions.ts";
import type { Verb } from "../actions.ts";
import { CancelDialog } from "./cancel-dialog.ts";
import { RedriveDialog } from "./redrive-dialog.ts";

/** What was asked for, and not answered yet. */
export interface Asked {
  readonly verb: Verb;
  readonly group: LiveGroup | null;
}

export interface BatchDialogsProps {
  readonly asked: Asked | null;
  readonly summary: BatchSummary;
  readonly failures: LiveFailures;
  readonly place: PlaceView | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function BatchDialogs({
  asked,
  summary,
  failures,
  place,
  onClose,
  onDone,
}: BatchDialogsProps): JSX.Element | null {
  if (!asked) return null;
  if (place?.changes === false) return h(CommandDialog, { verb: asked.verb, summary, place, onClose });
  if (asked.verb === "redrive")
    return h(RedriveDialog, { summary, failures, group: asked.group, onClose, onDone });
  return h(CancelDialog, { summary, onClose, act: async () => act("cancel", summary.batch) });
}

/** A page that only looks shows the command in place of the button's work. */
function CommandDialog({
  verb,
  summary,
  place,
  onClose,
}: {
  readonly verb: Verb;
  readonly summary: BatchSummary;
  readonly place: PlaceView;
  readonly onClose: () => void;
}): JSX.Element {
  const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} this batch of ${summary.job}`;
  return h(
    Dialog,
    { title, onClose },
    h("p", { class: "soft" }, `${place.why ?? "This page only looks"}. This command does it:`),
    h(Command, { text: commandOf(verb, summary.batch, place) }),
    h(
      "div",
      { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onClick: onClose }, "Close"),
    ),
  );
}
