/** Days and times as text of ISO 8601, with all digits that they have. */

const DAY_SECONDS = 86_400;
const MIN_PLAIN_YEAR = 0;
const MAX_PLAIN_YEAR = 9999;

/** Days of 400 years, from the first of March of the year 0 on. */
const ERA_DAYS = 146_097;
/** From that day to the first of January 1970. */
const EPOCH_DAYS = 719_468;

/** A day by its number since 1970, as `YYYY-MM-DD`. Dates before the year 0 and after 9999 have a sign. */
export function dateText(days: number): string {
  // "chrono-Compatible Low-Level Date Algorithms", Howard Hinnant: the year begins in March.
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / ERA_DAYS);
  const day = shifted - era * ERA_DAYS;
  const leapDays = Math.floor(day / 1460) - Math.floor(day / 36_524) + Math.floor(day / 146_096);
  const yearOfEra = Math.floor((day - leapDays) / 365);
  const dayOfYear = day - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${padded(month, 2)}-${padded(dayOfMonth, 2)}`;
}

function yearText(year: number): string {
  if (year >= MIN_PLAIN_YEAR && year <= MAX_PLAIN_YEAR) return padded(year, 4);
  return `${year < 0 ? "-" : "+"}${padded(Math.abs(year), 6)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** A time of day, from seconds and a fraction that has `digits` digits: `HH:MM:SS.fff`. */
function clockText(seconds: number, fraction: number, digits: number): string {
  const hours = padded(Math.floor(seconds / 3600), 2);
  const minutes = padded(Math.floor(seconds / 60) % 60, 2);
  return `${hours}:${minutes}:${padded(seconds % 60, 2)}.${padded(fraction, digits)}`;
}

/** The digits behind the second of milli-, micro- and nanoseconds. */
export type Digits = 3 | 6 | 9;

/** Turns counts of a unit into text. Days are remembered: neighbours often have the same. */
export class MomentTexts {
  readonly #perSecond: number;
  readonly #digits: Digits;
  #day = NaN;
  #dayText = "";

  constructor(digits: Digits) {
    this.#digits = digits;
    this.#perSecond = 10 ** digits;
  }

  /** `2026-11-30T01:02:03.456`: units since 1970. Exact for every 64-bit number. */
  timestamp(units: number | bigint): string {
    const { seconds, fraction } = typeof units === "number" ? this.#split(units) : this.#splitBig(units);
    const day = Math.floor(seconds / DAY_SECONDS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = dateText(day);
    }
    return `${this.#dayText}T${clockText(seconds - day * DAY_SECONDS, fraction, this.#digits)}`;
  }

  /** `01:02:03.456`: units since midnight. */
  time(units: number): string {
    const { seconds, fraction } = this.#split(units);
    return clockText(seconds, fraction, this.#digits);
  }

  /** The remainder first: it is exact, and a quotient is not. */
  #split(units: number): { readonly seconds: number; readonly fraction: number } {
    const rest = units % this.#perSecond;
    const fraction = rest < 0 ? rest + this.#perSecond : rest;
    return { seconds: (units - fraction) / this.#perSecond, fraction };
  }

  #splitBig(units: bigint): { readonly seconds: number; readonly fraction: number } {
    const per = BigInt(this.#perSecond);
    const rest = units % per;
    const fraction = rest < 0n ? rest + per : rest;
    return { seconds: Number((units - fraction) / per), fraction: Number(fraction) };
  }
}
