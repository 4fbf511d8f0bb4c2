/** The numbers above the charts. Pure. */
import { count, counted } from "../../../format.ts";
import type { BatchDetails } from "../../../batch/summary/details.ts";
import type { BatchHistory, Latency } from "../../../core/history/history.ts";
import { shortDuration } from "../../words/numbers.ts";

/** "Now" is the mean of so much time: chunks of a second make single points jump. */
const RECENT_MS = 8000;

export interface RateFigures {
  /** Items per second in each interval. The newest one is left out while it has just begun. */
  readonly values: readonly number[];
  readonly now: number;
  readonly average: number;
  readonly most: number;
}

export function rateFigures({ points, interval, now }: BatchHistory, ended: boolean): RateFigures {
  const { done } = points;
  const newest = done.length - 1;
  const newestMs = Math.max(0, now - newest * interval);
  const isPartial = newestMs < interval * 0.98;
  const values = done.map((items, at) =>
    at === newest && isPartial ? (items / Math.max(newestMs, 1)) * 1000 : (items / interval) * 1000,
  );
  // Of a part of an interval the rate says little.
  const shown =
    isPartial && (newestMs < interval / 2 || ended) && values.length > 1 ? values.slice(0, -1) : values;
  const all = done.reduce((sum, items) => sum + items, 0);
  const recent = Math.max(1, Math.ceil(RECENT_MS / interval));
  const last = shown.slice(-recent);
  return {
    values: shown,
    now: last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length),
    average: now > 0 ? (all / now) * 1000 : 0,
    most: Math.max(0, ...shown),
  };
}

/** Points of a line. More of them are noise: a chunk settles in one moment. */
const MOST_POINTS = 100;

/** Means of neighbours, where there are more values than a line shows. The last ones may be fewer. */
export function smoothed(values: readonly (number | null)[]): {
  readonly values: readonly (number | null)[];
  /** So many values became one. */
  readonly together: number;
} {
  const together = Math.ceil(values.length / MOST_POINTS);
  if (together <= 1) return { values, together: 1 };
  const means = Array.from({ length: Math.ceil(values.length / together) }, (_, at) => {
    const known = values.slice(at * together, (at + 1) * together).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  return { values: means, together };
}

/** `125`, and below 10 with one decimal. */
export function rateText(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? String(Number(perSecond.toFixed(1))) : count(perSecond);
}

/** Each look at short items may find none of them: `worked` says that there were some. */
export function inFlightText(items: number | null, worked: boolean): string {
  if (items === null) return "not known";
  return items === 0 && worked ? "< 1" : count(items);
}

export interface InFlightFigures {
  readonly values: readonly (number | null)[];
  readonly now: number | null;
  readonly most: number;
}

export function inFlightFigures({ points }: BatchHistory): InFlightFigures {
  const values = points.inFlight;
  const known = values.filter((value) => value !== null);
  return { values, now: known.at(-1) ?? null, most: Math.max(0, ...known) };
}

/** `64 of 64: 8 threads, 8 at once in each`. */
export function allowedWords(allowed: number | null, details: BatchDetails | undefined): string {
  const { where, threads = null, concurrency = 1 } = details ?? {};
  const each =
    concurrency === 1
      ? ""
      : `${where === "aws" ? `${count(concurrency)} items` : count(concurrency)} at once in each`;
  if (where === "aws")
    return [allowed === null ? "" : `of ${count(allowed)} allowed`, each].filter(Boolean).join(", ");
  const of = allowed === null ? "" : `of ${count(allowed)}`;
  const detail = [threads === null ? "" : counted(threads, "thread"), each].filter(Boolean).join(", ");
  return detail === "" ? of : `${of}: ${detail}`.replace(/^: /, "");
}

/** On AWS times are those of some workers. */
export function latencyWords({ of, count: items }: Latency, details: BatchDetails | undefined): string {
  const how = of === "chunk" ? "typical, the mean of each chunk" : "typical, tries and waits included";
  return details?.where === "aws" ? `${how}, of ${counted(items, "item")}` : how;
}

/** In one sentence, on a narrow screen: `125 items per second, 374 ms for one`. */
export function figuresSentence(history: BatchHistory, ended: boolean): string {
  const rate = rateFigures(history, ended);
  const perSecond = `${rateText(ended ? rate.average : rate.now)} items per second`;
  return history.latency ? `${perSecond}, ${shortDuration(history.latency.p50)} for one` : perSecond;
}
