/** Numbers as the page says them. Those that the command line says, too, come from `format.ts`. */
import { count, duration } from "../../format.ts";

const MILLION = 1e6;
const BILLION = 1e9;

/** `65`: rounded down, and 100 only where all is done. */
export function percentOf(part: number, whole: number): number {
  if (whole <= 0) return 0;
  return part >= whole ? 100 : Math.min(99, Math.floor((part / whole) * 100));
}

/** `4,170`, `42 million`: an estimate has at most three digits that say something. */
export function estimated(value: number): string {
  const known = toDigits(value, 3);
  if (known < MILLION) return count(known);
  const [unit, name] = known < BILLION ? [MILLION, "million"] : [BILLION, "billion"];
  const scaled = toDigits(value / unit, 2);
  return `${scaled < 10 ? scaled.toFixed(1).replace(/\.0$/, "") : count(scaled)} ${name}`;
}

function toDigits(value: number, digits: number): number {
  return value <= 0 ? 0 : Number(value.toPrecision(digits));
}

/** `34 s`, `1 min 30 s`, `25 min`, `3 h 20 min`: no more of it than an estimate can know. */
export function coarseDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 600) return duration(Math.round(seconds / 10) * 10).replace(" 00 s", "");
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return duration(Math.round(seconds / 600) * 600);
}

/** `374 ms`, `2.1 s`, `12 s`: of one item. */
export function shortDuration(ms: number): string {
  if (ms < 0.1) return "< 0.1 ms";
  return ms < 1000 ? `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms` : duration(ms / 1000);
}

/** On an axis: `90`, `1.5k`, `40k`, `10 M`. */
export function axisNumber(value: number): string {
  if (value >= MILLION) return `${Number((value / MILLION).toFixed(1))} M`;
  if (value >= 1000) return `${Number((value / 1000).toFixed(1))}k`;
  return String(Number(value.toFixed(1)));
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `252 of 389 kB`, `1.1 of 1.9 TB`: both in the unit of the whole. */
export function bytesOf(part: number, whole: number): string {
  const step = Math.min(BYTE_UNITS.length - 1, whole < 1000 ? 0 : Math.floor(Math.log10(whole) / 3));
  const unit = 1000 ** step;
  const digits = step > 0 && whole / unit < 10 ? 1 : 0;
  const read = Math.floor((part / unit) * 10 ** digits) / 10 ** digits;
  return `${read.toFixed(digits)} of ${(whole / unit).toFixed(digits)} ${BYTE_UNITS[step]}`;
}

/** `$18.40`, `$0.0042`: a small sum with two digits that say something. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 0.1) return `$${usd.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",")}`;
  return `$${Number(usd.toPrecision(2))}`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(value: number): string {
  const ending =
    value % 100 >= 11 && value % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${ending}`;
}
