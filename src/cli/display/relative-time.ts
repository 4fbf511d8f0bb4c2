/** Times as people say them: `now`, `3 min ago`. */

const UNITS = [
  { seconds: 24 * 3600, name: "d" },
  { seconds: 3600, name: "h" },
  { seconds: 60, name: "min" },
  { seconds: 1, name: "s" },
] as const;
/** An older time is a date. */
const MOST_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

/** `at` and `now` are in milliseconds since the epoch. A time to come is `now`: clocks differ. */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (now - at > MOST_DAYS * DAY_MS) return new Date(at).toISOString().slice(0, "2026-01-01".length);
  const unit = UNITS.find((one) => seconds >= one.seconds);
  return unit ? `${Math.floor(seconds / unit.seconds)} ${unit.name} ago` : "now";
}
