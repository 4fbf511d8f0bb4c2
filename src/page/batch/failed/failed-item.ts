/** One failed item: its place, tries, message, raw text and stack. Everything is text. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FailedLine } from "../../../core/failures/failed-line.ts";
import { counted } from "../../../format.ts";
import { placeText } from "../../words/failures.ts";
import { cut, oneLine, printable } from "../../words/printable.ts";

/** Raw text that is shown at once. */
const SHORT = 200;

export function FailedItem({
  line,
  still,
}: {
  readonly line: FailedLine;
  readonly still: boolean;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { error, item, attempts } = line;
  const stack = stackText(line);
  const raw = item === null ? null : oneLine(item);
  const hidesRaw = raw !== null && raw.length > SHORT;
  return h(
    "li",
    { class: "failed-item" },
    h("code", { class: "place", title: printable(line.source) }, placeText(line)),
    h("span", { class: "soft tries num" }, attempts === 0 ? "" : counted(attempts, "try", "tries")),
    h(
      "div",
      { class: "what" },
      h("p", null, printable(error.message)),
      raw !== null && h("p", { class: "raw mono soft" }, isOpen ? printable(item ?? "") : cut(raw, SHORT)),
      isOpen && stack !== null && h("pre", { class: "stack soft", tabIndex: 0 }, stack),
      !still &&
        (stack !== null || hidesRaw) &&
        h(
          "button",
          { type: "button", class: "as-link", "aria-expanded": isOpen, onClick: () => setOpen(!isOpen) },
          isOpen ? "Less" : hidesRaw ? "Stack and whole text" : "Stack",
        ),
    ),
  );
}

/** `null`: the line has none. */
function stackText({ error }: FailedLine): string | null {
  const { stack = [] } = error;
  if (stack.length === 0) return null;
  const frames = stack.map((frame) => `    at ${frame}`).join("\n");
  return printable(`${error.name}: ${cut(error.message, SHORT)}\n${frames}`);
}
