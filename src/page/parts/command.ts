/** A command that can be copied. */
import { h } from "preact";
import type { JSX } from "preact";
import { CopyButton } from "./copy-button.ts";

export function Command({
  text,
  copy = true,
}: {
  readonly text: string;
  readonly copy?: boolean;
}): JSX.Element {
  return h(
    "div",
    { class: "command" },
    h("code", { tabIndex: copy ? 0 : -1 }, text),
    copy && h(CopyButton, { text, label: `Copy: ${text}` }),
  );
}
