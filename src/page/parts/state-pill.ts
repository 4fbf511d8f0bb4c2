/** The state of a batch: its shape and its word. */
import { h } from "preact";
import type { JSX } from "preact";
import type { BatchState } from "../../core/records/batch/batch.ts";
import { wordsOf } from "../words/states.ts";
import { StateIcon } from "./icon.ts";

export function StatePill({ state }: { readonly state: BatchState }): JSX.Element {
  const { word, tone } = wordsOf(state);
  return h("span", { class: `pill tone-${tone}` }, h(StateIcon, { state }), word);
}

/** In a table. */
export function StateText({ state }: { readonly state: BatchState }): JSX.Element {
  const { word, tone } = wordsOf(state);
  return h("span", { class: `state tone-${tone}` }, h(StateIcon, { state }), word);
}
