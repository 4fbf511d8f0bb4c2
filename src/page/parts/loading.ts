/** What is shown while nothing is known, and where the server refuses. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Refusal } from "../live/api.ts";

/** Shorter waits show nothing: a flash is worse. */
const PATIENCE_MS = 200;

export function Loading(): JSX.Element | null {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLong) return null;
  const block = (width: string): JSX.Element => h("p", { class: `wait wait-${width}` }, "…");
  return h(
    "div",
    { class: "panel loading", "aria-busy": "true" },
    h("p", { class: "hidden-text" }, "Loading"),
    block("short"),
    block("long"),
    block("long"),
  );
}

export interface ProblemProps {
  readonly refusal: Refusal;
  /** What is said where there is no such thing. */
  readonly unknown: string;
  readonly link: { readonly href: string; readonly text: string };
}

export function Problem({ refusal, unknown, link }: ProblemProps): JSX.Element {
  const text =
    refusal.status === 404
      ? unknown
      : `${refusal.message}${refusal.code === null ? "" : ` [${refusal.code}]`}`;
  return h(
    "div",
    { class: "panel problem" },
    h("h1", null, text),
    h("p", null, h("a", { href: link.href }, link.text)),
  );
}
