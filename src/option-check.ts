/** Checks of options that users write. Errors say what was given and what to do. */
import { FanjoinError } from "./core/errors/errors.ts";
import type { UnknownObject } from "./core/json/json.ts";
import { isObject } from "./core/json/json.ts";

/** The longest time that setTimeout can wait: about 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** An error about a job file or one of its options. */
export function invalid(message: string): FanjoinError {
  return new FanjoinError("JOB_INVALID", message);
}

/** A value in an error message: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  const text = typeof value === "number" ? String(value) : (safeJson(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return "an object";
  }
}

/** An option that is a group of options: an object with known names only. `undefined`: an empty group. */
export function group(value: unknown, where: string, names: readonly string[]): UnknownObject {
  if (value === undefined) return {};
  if (!isObject(value)) throw invalid(`${where} has to be an object, but is ${show(value)}.`);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw invalid(`${where} has no option ${show(name)}.${advice(name, names)}`);
  }
  return value;
}

/** A whole number of at least `least`. `fallback` if it was left out. */
export function integer<Fallback>(
  value: unknown,
  where: string,
  least: number,
  fallback: Fallback,
): number | Fallback {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(`${where} has to be a whole number of at least ${least}, but is ${show(value)}.`);
}

/** A time in milliseconds that a timer can wait. `fallback` if it was left out. */
export function milliseconds<Fallback>(value: unknown, where: string, fallback: Fallback): number | Fallback {
  const ms = integer(value, where, 1, fallback);
  if (typeof ms === "number" && ms > MAX_TIMER_MS) {
    throw invalid(`${where} can be ${MAX_TIMER_MS} ms (24 days) at most, but is ${show(value)}.`);
  }
  return ms;
}

function advice(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === null ? ` There are: ${names.join(", ")}.` : ` Did you mean ${show(near)}?`;
}

/** The name that was probably meant: it differs in a third of its letters at most. */
function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of names) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** The Levenshtein distance: how many letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
