/** The title and the icon of the browser's tab: the state of the batch, from afar. */
import { percentDone } from "../batch/figures/progress-words.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { isMoving, wordsOf } from "../words/states.ts";
import type { Tone } from "../words/states.ts";

/** `65 % supplier-check · fanjoin`, `✓ supplier-check · fanjoin`. */
export function batchTitle(summary: BatchSummary): string {
  const { mark, word } = wordsOf(summary.state);
  const percent = percentDone(summary);
  const before = mark !== "" ? mark : percent !== null && isMoving(summary.state) ? `${percent} %` : word;
  return `${before} ${summary.job} · fanjoin`;
}

const COLOURS: { readonly [T in Tone]: string } = {
  ok: "#389a82",
  bad: "#d2402c",
  warn: "#c98a1b",
  busy: "#3a80f5",
  quiet: "#7b828e",
};

const SHAPES: { readonly [T in Tone]: string } = {
  ok: '<circle cx="8" cy="8" r="8"/>',
  bad: '<path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z"/>',
  warn: '<path d="M8 0 16 15H0z"/>',
  busy: '<path d="M8 0a8 8 0 1 1-8 8h4a4 4 0 1 0 4-4z"/>',
  quiet: '<path d="M3 1h4v14H3zM9 1h4v14H9z"/>',
};

/** As a data URL. `null`: fanjoin's own. */
export function tabIcon(tone: Tone | null): string {
  const drawing =
    tone === null
      ? '<path fill="none" stroke="#2558d9" stroke-width="2" d="M1 8h14M1 8c5 0 4-5 7-5s2 5 7 5M1 8c5 0 4 5 7 5s2-5 7-5"/>'
      : `<g fill="${COLOURS[tone]}">${SHAPES[tone]}</g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawing}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

export function showTab(title: string, tone: Tone | null): void {
  if (document.title !== title) document.title = title;
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const href = tabIcon(tone);
  if (link && link.href !== href) link.href = href;
}
