/** Times as the page says them: local on a screen, UTC in a report and in titles. */
import { count, duration } from "../../format.ts";

export type Zone = "local" | "utc";

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAY_MS = 24 * 3600 * 1000;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function partsOf(ms: number, zone: Zone): Parts {
  const date = new Date(ms);
  if (zone === "utc")
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  return {
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `11:32:07`; without seconds `11:32`. */
export function clock(ms: number, zone: Zone, seconds = true): string {
  const { hour, minute, second } = partsOf(ms, zone);
  return `${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ""}`;
}

/** `29 November 2026`. */
export function dateOf(ms: number, zone: Zone): string {
  const { year, month, day } = partsOf(ms, zone);
  return `${day} ${MONTHS[month] ?? ""} ${year}`;
}

export function isSameDay(a: number, b: number, zone: Zone): boolean {
  return dateOf(a, zone) === dateOf(b, zone);
}

/** `Today`, `Yesterday`, or the date. */
export function dayName(ms: number, now: number, zone: Zone): string {
  if (isSameDay(ms, now, zone)) return "Today";
  return isSameDay(ms, now - DAY_MS, zone) ? "Yesterday" : dateOf(ms, zone);
}

/** `11:32:07` today, with the date before. */
export function moment(ms: number, now: number, zone: Zone): string {
  const time = clock(ms, zone);
  return isSameDay(ms, now, zone) && zone === "local" ? time : `${dateOf(ms, zone)}, ${time}`;
}

/** `11:32:07 to 11:33:35`, with the date of the first one if it is not today, and of both if they differ. */
export function period(from: number, to: number, now: number, zone: Zone): string {
  const end = isSameDay(from, to, zone) ? clock(to, zone) : `${dateOf(to, zone)}, ${clock(to, zone)}`;
  const today = zone === "local" && isSameDay(from, now, zone);
  const start = today ? clock(from, zone) : `${dateOf(from, zone)}, ${clock(from, zone)}`;
  return `${start} to ${end}${zone === "utc" ? " UTC" : ""}`;
}

/** For a `title`, and for `datetime`. */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `2 s ago`, `8 min ago`, `3 h ago`, `2 d ago`. A time to come is `now`, because clocks differ. */
export function ago(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${count(Math.floor(seconds / 86_400))} d ago`;
}

/** `1 min 03 s ago`: while somebody watches it. From an hour on in hours. */
export function longAgo(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < 1) return "now";
  return seconds < 600 ? `${duration(seconds)} ago` : ago(ms, now);
}

/** On the axis of a chart that began at 0: `20 s`, `5 min`, `2 h`. */
export function elapsed(seconds: number): string {
  if (seconds < 1 && seconds > 0) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 7200) return `${Number((seconds / 60).toFixed(1))} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}
