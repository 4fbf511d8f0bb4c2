/** The buttons of a dialog: the safe one first. A refusal is shown above them, in the words of the API. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { asRefusal } from "../../live/api.ts";

export interface AnswersProps {
  readonly safe: string;
  readonly word: string;
  readonly acting: string;
  readonly tone: "primary" | "danger";
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
  readonly disabled?: boolean;
}

export function Answers({
  safe,
  word,
  acting,
  tone,
  act,
  onClose,
  disabled = false,
}: AnswersProps): JSX.Element {
  const [isActing, setActing] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const onAct = async (): Promise<void> => {
    setActing(true);
    setRefused(null);
    try {
      await act();
      onClose();
    } catch (error) {
      const { message, code } = asRefusal(error);
      setRefused(code === null ? message : `${message} [${code}]`);
      setActing(false);
    }
  };
  return h(
    "div",
    null,
    refused !== null && h("p", { class: "bad refused", role: "alert" }, refused),
    h(
      "div",
      { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onClick: onClose }, safe),
      h(
        "button",
        {
          type: "button",
          class: `button ${tone}`,
          disabled: disabled || isActing,
          onClick: () => void onAct(),
        },
        isActing ? acting : word,
      ),
    ),
  );
}
