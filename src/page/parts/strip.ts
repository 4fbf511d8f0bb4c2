/** A line that says what has to be known now. */
import { h } from "preact";
import type { ComponentChildren, JSX } from "preact";
import type { Tone } from "../words/states.ts";

export function Strip({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h("div", { class: `strip tone-${tone}` }, children);
}
