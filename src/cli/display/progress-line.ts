/** One line about a batch that runs: a pure function of what is known. */
import { styleText } from "node:util";
import type { Progress } from "../../batch/progress.ts";
import { count, counted, duration, rate } from "./format.ts";
import type { Rate } from "./rate.ts";

export interface ProgressView {
  readonly job: string;
  readonly progress: Progress;
  readonly pace: Rate | null;
}

/** Colours a text, or leaves it alone. */
export type Paint = (style: "bold" | "dim" | "green" | "red" | "yellow" | "cyan", text: string) => string;

/** Colours for what `stream` is: none for a file or a pipe, none under `NO_COLOR`. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

export const plain: Paint = (_style, text) => text;

const BAR = { most: 30, least: 8 };

/** For a terminal: `job ━━━━━━──── 62 %  1,240 items  310/s  2 s left  3 failed`, at most `columns` wide. */
export function terminalLine(view: ProgressView, columns: number, paint: Paint): string {
  return fitted({ head: view.job, fraction: fractionOf(view.progress), facts: facts(view) }, columns, paint);
}

export interface Fact {
  readonly text: string;
  readonly style?: "red" | "dim";
}

/** Where there is no room for the bar, what comes first is said, as much as fits. */
export function fitted(
  {
    head,
    fraction,
    facts,
  }: { readonly head: string; readonly fraction: number | null; readonly facts: readonly Fact[] },
  columns: number,
  paint: Paint,
): string {
  const parts = [...facts];
  const room = columns - 1;
  const tail = (): string => parts.map(({ text }) => text).join("  ");
  const width = Math.min(BAR.most, room - head.length - 2 - tail().length);
  if (width >= BAR.least) {
    const shown = parts.map(({ text, style }) => (style ? paint(style, text) : text)).join("  ");
    return `${paint("bold", head)} ${bar(fraction, width, paint)} ${shown}`;
  }
  while (tail().length > room && parts.length > 1) parts.pop();
  return tail().slice(0, Math.max(0, room));
}

/** For a file or a pipe: the same as words. */
export function plainLine(view: ProgressView): string {
  return inWords(view.job, facts(view));
}

export function inWords(head: string, facts: readonly Fact[]): string {
  return `${head}: ${facts.map(({ text }) => text).join(", ")}`;
}

function facts({ progress, pace }: ProgressView): Fact[] {
  const { totals } = progress;
  const fraction = fractionOf(progress);
  const done = totals.succeeded + totals.failed;
  const known: Fact[] = [];
  if (fraction !== null) known.push({ text: `${percent(fraction)} %` });
  known.push({ text: counted(done, "item") });
  const failed = failedText(progress);
  if (failed !== null) known.push({ text: failed, style: "red" });
  if (pace && pace.itemsPerSecond > 0) known.push({ text: rate(pace.itemsPerSecond) });
  const left = secondsLeft(progress, pace);
  if (left !== null) known.push({ text: `${duration(left)} left`, style: "dim" });
  return known;
}

/** In a redrive with what it began with: the rest came right, or has not been done again yet. */
function failedText({ totals: { failed }, failedBefore }: Progress): string | null {
  if (typeof failedBefore === "number") return `${count(failed)} failed of ${count(failedBefore)} before`;
  return failed > 0 ? `${count(failed)} failed` : null;
}

/** How much of the input is done, by its own measure; `null` where there is nothing to measure. */
function fractionOf({ totals, units }: Progress): number | null {
  return units !== null && units > 0 ? Math.min(1, totals.units / units) : null;
}

/** 100 is said only when everything is done. */
export function percent(fraction: number): string {
  return String(Math.floor(fraction * 100)).padStart(3);
}

function secondsLeft({ totals, units }: Progress, pace: Rate | null): number | null {
  const left = (units ?? 0) - totals.units;
  if (!pace || pace.unitsPerSecond <= 0 || left <= 0) return null;
  return left / pace.unitsPerSecond;
}

function bar(fraction: number | null, width: number, paint: Paint): string {
  const done = Math.floor((fraction ?? 0) * width);
  return paint("green", "━".repeat(done)) + paint("dim", "─".repeat(width - done));
}
