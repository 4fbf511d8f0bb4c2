/** One line about a running batch, as a pure function of its progress. */
import { styleText } from "node:util";
import type { Progress } from "../../../batch/summary/progress.ts";
import { count, counted, duration, rate } from "../../../format.ts";
import type { Rate } from "./rate.ts";

export interface ProgressView {
  readonly job: string;
  readonly progress: Progress;
  /** `null` while it is unknown. */
  readonly speed: Rate | null;
}

/** Colours a text, or returns it unchanged. */
export type Paint = (style: "bold" | "dim" | "green" | "red" | "yellow" | "cyan", text: string) => string;

/** No colours for a file or a pipe, and none under `NO_COLOR`. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

export const plain: Paint = (_style, text) => text;

/** In characters. */
const BAR_WIDTH = { max: 30, min: 8 };

/** For a terminal: `job ━━━━━━──── 62 %  1,240 items  310/s  2 s left  3 failed`, at most `columns` wide. */
export function terminalLine(view: ProgressView, columns: number, paint: Paint): string {
  return fitted({ head: view.job, fraction: fractionOf(view.progress), facts: facts(view) }, columns, paint);
}

export interface Fact {
  readonly text: string;
  readonly style?: "red" | "dim";
}

export interface BarLine {
  readonly head: string;
  /** How much is done, from 0 to 1; `null` if that is unknown. */
  readonly fraction: number | null;
  readonly facts: readonly Fact[];
}

/** Without room for a bar, the line is only facts: as many as fit, the first ones first. */
export function fitted({ head, fraction, facts }: BarLine, columns: number, paint: Paint): string {
  const parts = [...facts];
  const room = columns - 1;
  const tail = (): string => parts.map(({ text }) => text).join("  ");
  const width = Math.min(BAR_WIDTH.max, room - head.length - 2 - tail().length);
  if (width >= BAR_WIDTH.min) {
    const shown = parts.map(({ text, style }) => (style ? paint(style, text) : text)).join("  ");
    return `${paint("bold", head)} ${bar(fraction, width, paint)} ${shown}`;
  }
  while (tail().length > room && parts.length > 1) parts.pop();
  return tail().slice(0, Math.max(0, room));
}

/** For a file or a pipe: the same facts without a bar. */
export function plainLine(view: ProgressView): string {
  return inWords(view.job, facts(view));
}

export function inWords(head: string, facts: readonly Fact[]): string {
  return `${head}: ${facts.map(({ text }) => text).join(", ")}`;
}

function facts({ progress, speed }: ProgressView): Fact[] {
  const { totals } = progress;
  const fraction = fractionOf(progress);
  const done = totals.succeeded + totals.failed;
  const known: Fact[] = progress.paused ? [{ text: "paused" }] : [];
  if (fraction !== null) known.push({ text: `${percent(fraction)} %` });
  known.push({ text: counted(done, "item") });
  const failed = failedText(progress);
  if (failed !== null) known.push({ text: failed, style: "red" });
  if (progress.paused) return known;
  if (speed && speed.itemsPerSecond > 0) known.push({ text: rate(speed.itemsPerSecond) });
  const left = secondsLeft(progress, speed);
  if (left !== null) known.push({ text: `${duration(left)} left`, style: "dim" });
  return known;
}

/** In a redrive, it also shows how many items had failed before. */
function failedText({ totals: { failed }, failedBefore }: Progress): string | null {
  if (typeof failedBefore === "number") return `${count(failed)} failed of ${count(failedBefore)} before`;
  return failed > 0 ? `${count(failed)} failed` : null;
}

/** The share of the input that is done, in the reader's unit; `null` if the input has no known size. */
function fractionOf({ totals, units }: Progress): number | null {
  return units !== null && units > 0 ? Math.min(1, totals.units / units) : null;
}

/** Rounded down: 100 means that everything is done. */
export function percent(fraction: number): string {
  return String(Math.floor(fraction * 100)).padStart(3);
}

function secondsLeft({ totals, units }: Progress, speed: Rate | null): number | null {
  const left = (units ?? 0) - totals.units;
  if (!speed || speed.unitsPerSecond <= 0 || left <= 0) return null;
  return left / speed.unitsPerSecond;
}

function bar(fraction: number | null, width: number, paint: Paint): string {
  const done = Math.floor((fraction ?? 0) * width);
  return paint("green", "━".repeat(done)) + paint("dim", "─".repeat(width - done));
}
