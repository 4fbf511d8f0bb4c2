/** Times of a schedule: five fields, as in a crontab, in UTC. */

/** The minutes at which a schedule is due. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Sunday is 0. */
  readonly weekdays: ReadonlySet<number>;
  /** Either a day of the month or a weekday has to fit, because both are limited. Otherwise both have to. */
  readonly eitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const WEEKDAYS = "sun mon tue wed thu fri sat".split(" ");

const FIELDS = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12, names: MONTHS },
  { name: "weekday", from: 0, to: 7, names: WEEKDAYS },
] as const satisfies readonly Field[];

const MINUTE_MS = 60_000;
/** Leap years repeat within so many days, also around 2100. A schedule that is due on no day ends there. */
const MOST_DAYS = 8 * 366 + 1;
const DAY_MINUTES = 24 * 60;

/** A string says what is wrong. */
export function parseCron(text: string): Cron | string {
  const words = text.trim().split(/\s+/);
  if (words.length !== FIELDS.length)
    return `it has ${words.length} fields, but five are needed: minute, hour, day of the month, month, weekday`;
  const sets: ReadonlySet<number>[] = [];
  for (const [place, field] of FIELDS.entries()) {
    const set = parseField((words[place] ?? "").toLowerCase(), field);
    if (typeof set === "string") return set;
    sets.push(set);
  }
  const [minutes, hours, days, months, weekdays] = sets as [
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
  ];
  const sundays = weekdays.has(7) ? new Set([...weekdays, 0]) : weekdays;
  const eitherDay = !words[2]?.startsWith("*") && !words[4]?.startsWith("*");
  const cron = { minutes, hours, days, months, weekdays: sundays, eitherDay };
  return nextTick(cron, 0) === null ? "it is due on no day" : cron;
}

function parseField(text: string, field: Field): ReadonlySet<number> | string {
  const set = new Set<number>();
  for (const part of text.split(",")) {
    const range = parsePart(part, field);
    if (range === null) {
      const { name, from, to } = field;
      return `${JSON.stringify(part)} is not a ${name}: it may be *, a number from ${from} to ${to}, a range such as ${from}-${to}, or either with a step such as */5`;
    }
    for (let value = range.from; value <= range.to; value += range.step) set.add(value);
  }
  return set;
}

function parsePart(part: string, field: Field): { from: number; to: number; step: number } | null {
  const [, range = "", by] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const step = by === undefined ? 1 : Number(by);
  if (range === "" || step < 1) return null;
  if (range === "*") return { from: field.from, to: field.to, step };
  const [first = "", last, ...more] = range.split("-");
  const from = valueOf(first, field);
  const single = by === undefined ? from : field.to;
  const to = last === undefined ? single : valueOf(last, field);
  if (from === null || to === null || from > to || more.length > 0) return null;
  return { from, to, step };
}

function valueOf(word: string, { from, to, names = [] }: Field): number | null {
  const named = names.indexOf(word);
  if (named >= 0) return named + from;
  const value = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  return value >= from && value <= to ? value : null;
}

/** The first minute after `after` at which it is due, in milliseconds since the epoch; `null`: never. */
export function nextTick(cron: Cron, after: number): number | null {
  let minute = Math.floor(after / MINUTE_MS) + 1;
  for (let days = 0; days < MOST_DAYS; days++) {
    const endOfDay = (Math.floor(minute / DAY_MINUTES) + 1) * DAY_MINUTES;
    if (isDay(cron, new Date(minute * MINUTE_MS))) {
      for (; minute < endOfDay; minute++) if (isTime(cron, minute)) return minute * MINUTE_MS;
    }
    minute = endOfDay;
  }
  return null;
}

function isDay({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return eitherDay ? day || weekday : day && weekday;
}

function isTime({ minutes, hours }: Cron, minute: number): boolean {
  return minutes.has(minute % 60) && hours.has(Math.floor(minute / 60) % 24);
}

/** A time as the id of its batch has it: `2026-11-30T03:00Z`. */
export function tickName(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
