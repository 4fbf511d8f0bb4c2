/** A dialog that asks. It does not close by a click outside; Escape is the safe answer. */
import { h } from "preact";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Where the focus is at first: `safe` is the first button, `act` the last one. */
  readonly focus?: "safe" | "act";
  readonly children?: ComponentChildren;
}

/** The browser keeps the focus in it, and gives it back. */
export function Dialog({ title, onClose, focus = "safe", children }: DialogProps): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    dialog.showModal();
    const buttons = dialog.querySelectorAll<HTMLElement>(".dialog-buttons button");
    (focus === "safe" ? buttons[0] : buttons[buttons.length - 1])?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return h(
    "dialog",
    {
      ref,
      class: "dialog",
      "aria-labelledby": "dialog-title",
      onCancel: (event: Event) => {
        event.preventDefault();
        onClose();
      },
    },
    h("h2", { id: "dialog-title" }, title),
    children,
  );
}
