/** A message of a group, with a small box in place of what differs from item to item. */
import { h } from "preact";
import type { JSX } from "preact";
import { oneLine } from "../words/printable.ts";

const HOLE = "…";

export function Message({ text }: { readonly text: string }): JSX.Element {
  const [first = "", ...rest] = oneLine(text).split(HOLE);
  return h(
    "span",
    { class: "message" },
    first,
    ...rest.flatMap((part, at) => [h("span", { key: at, class: "hole" }, HOLE), part]),
  );
}
