/** JSON as text, with keys and numbers in colours of their own. */
import { h } from "preact";
import type { JSX } from "preact";
import { printable } from "../words/printable.ts";

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)/g;

export function JsonText({ text }: { readonly text: string }): JSX.Element {
  return h("pre", { class: "json", tabIndex: 0 }, ...coloured(printable(text)));
}

function coloured(text: string): (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = [];
  let at = 0;
  for (const { 0: whole, 1: string, 2: colon, 3: value, index } of text.matchAll(TOKENS)) {
    if (string !== undefined && colon === undefined) continue;
    parts.push(text.slice(at, index));
    if (string !== undefined) parts.push(h("span", { class: "json-key" }, string), colon ?? "");
    else parts.push(h("span", { class: "json-value" }, value));
    at = index + whole.length;
  }
  return [...parts, text.slice(at)];
}
