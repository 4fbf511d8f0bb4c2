/** The keys, and a switch that turns them off. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { keysAreOn, switchKeys } from "../../live/keys.ts";
import { Dialog } from "../dialog.ts";

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["g b", "batches"],
  ["g j", "jobs"],
  ["/", "find a batch"],
  ["j k", "next, previous row or group"],
  ["Enter", "open"],
  ["n", "start a batch"],
  ["f", "in a batch: failed items"],
  ["t", "chunks by worker"],
  ["p", "pause or resume"],
  ["c", "cancel…"],
  ["r", "redrive…"],
  ["e", "report"],
  ["[ ]", "older, newer batch of this job"],
  ["← → ↑ ↓", "in the chunks: next mark, lane; Enter pins the tip"],
  ["?", "these keys"],
  ["Esc", "close"],
];

export function KeysDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [isOn, setOn] = useState(keysAreOn);
  return h(
    Dialog,
    { title: "Keys", onClose },
    h(
      "dl",
      { class: "keys" },
      ...KEYS.map(([keys, what]) =>
        h(
          "div",
          { key: keys },
          h("dt", null, ...keys.split(" ").map((key) => h("kbd", { key }, key))),
          h("dd", null, what),
        ),
      ),
    ),
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        checked: isOn,
        onChange: (event) => {
          switchKeys(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        },
      }),
      "Single keys work",
    ),
    h(
      "div",
      { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onClick: onClose }, "Close"),
    ),
  );
}
