/** How far a batch is, when it ends, and what its bar shows. Pure. */
import { count, counted } from "../../../format.ts";
import type { BarShares } from "../../charts/bar-parts.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import type { BatchProgress } from "../../../batch/summary/summary.ts";
import { bytesOf, coarseDuration, dollars, estimated, percentOf } from "../../words/numbers.ts";
import { hasEnded } from "../../words/states.ts";
import { clock, isSameDay, moment } from "../../words/times.ts";
import type { Zone } from "../../words/times.ts";

/** `null`: how much there is, is not known. */
export function percentDone({ progress }: Pick<BatchSummary, "progress">): number | null {
  return progress && progress.of !== null && progress.of > 0 ? percentOf(progress.units, progress.of) : null;
}

/** Rates that differ by more make the end a range. */
const UNSURE = 1.15;

export interface LeftWords {
  /** `about 34 s left`. */
  readonly left: string;
  /** `ends near 11:33:44`, `ends between 08:58 and 09:05`. */
  readonly ends: string | null;
}

/** `null`: there is nothing to say, because nothing moves or nothing is known. */
export function leftWords(
  { state, progress }: Pick<BatchSummary, "state" | "progress">,
  now: number,
  zone: Zone,
): LeftWords | null {
  if (!progress || state === "paused" || state === "interrupted" || state === "cancelling") return null;
  const { secondsLeft, of } = progress;
  if (!secondsLeft) return of === null ? null : { left: "working out how long", ends: null };
  const { least, most } = secondsLeft;
  const middle = (least + most) / 2;
  return { left: `about ${coarseDuration(middle)} left`, ends: endWords(now, { least, most, middle }, zone) };
}

function endWords(
  now: number,
  { least, most, middle }: { readonly least: number; readonly most: number; readonly middle: number },
  zone: Zone,
): string {
  const at = (seconds: number): string => {
    const ms = now + seconds * 1000;
    return isSameDay(ms, now, zone) ? clock(ms, zone, most < 600) : moment(ms, now, zone);
  };
  const [first, last] = [at(least), at(most)];
  return most > least * UNSURE && first !== last
    ? `ends between ${first} and ${last}`
    : `ends near ${at(middle)}`;
}

/** In a list: `34 s left`. */
export function shortLeft({ progress }: Pick<BatchSummary, "progress">): string | null {
  const left = progress?.secondsLeft;
  return left ? `${coarseDuration((left.least + left.most) / 2)} left` : null;
}

/** `252 of 389 kB read`, `4,000 of 10,000 items`, and what it costs. */
export function readWords({ progress, cost }: BatchSummary): string {
  return [progress ? inputWords(progress) : null, cost && progress ? costWords(cost.usd, progress) : null]
    .filter((one) => one !== null)
    .join(" · ");
}

function inputWords({ units, of, unit }: BatchProgress): string | null {
  if (of === null) return null;
  if (unit === undefined || unit === "bytes") return `${bytesOf(units, of)} read`;
  return `${count(units)} of ${counted(of, unit === "files" ? "file" : "item")}`;
}

function costWords(usd: number, { units, of }: BatchProgress): string {
  const inAll =
    of !== null && units > of * 0.05
      ? `, about ${dollars(toTwo((usd * of) / units)).replace(/\.00$/, "")} in all`
      : "";
  return `${dollars(usd)} so far${inAll}`;
}

function toTwo(value: number): number {
  return Number(value.toPrecision(2));
}

/** What the bar shows: items, where they are known or estimated; otherwise shares of the input. */
export function barShares({ items, progress, state }: BatchSummary): BarShares {
  const { succeeded, failed } = items;
  const done = succeeded + failed;
  const skipped = items.skipped ?? 0;
  if (hasEnded(state) || !progress) return { succeeded, failed, skipped, inFlight: 0, waiting: 0 };
  const inFlight = progress.inFlight ?? 0;
  if (progress.of !== null && progress.of > 0) {
    // The bar is as long as the per cent say, also where items are of different sizes.
    const share = Math.min(1, progress.units / progress.of);
    const whole = share > 0 && done > 0 ? done / share : Math.max(1, done + inFlight);
    const left = Math.max(0, whole - done);
    return {
      succeeded,
      failed,
      skipped,
      inFlight: Math.min(left, inFlight),
      waiting: Math.max(0, left - inFlight),
    };
  }
  return { succeeded, failed, skipped, inFlight, waiting: progress.waiting ?? 0 };
}

/** `≈ 4,170`; exact where it is. */
export function waitingWords({
  waiting = null,
  exact,
}: Pick<BatchProgress, "waiting" | "exact">): string | null {
  if (waiting === null) return null;
  return exact === true || waiting === 0 ? count(waiting) : `≈ ${estimated(waiting)}`;
}

/** `646 chunks settled, 712 planned so far`, `580,561 of 1,000,000 chunks settled`. */
export function chunkWords({ chunks, planned }: Pick<BatchSummary, "chunks" | "planned">): string {
  const { total, settled } = chunks;
  if (total !== null) return `${count(settled)} of ${counted(total, "chunk")} settled`;
  if (!planned) return `${counted(settled, "chunk")} settled`;
  return settled === 0
    ? `${count(planned.chunks)} planned so far`
    : `${counted(settled, "chunk")} settled, ${count(planned.chunks)} planned so far`;
}

/** The same after the end. */
export function endedChunkWords({ chunks }: Pick<BatchSummary, "chunks">): string {
  const { settled, skipped, total } = chunks;
  if (skipped > 0) return `${counted(settled, "chunk")} settled, ${count(skipped)} skipped`;
  if (total === null || settled === total)
    return `${counted(settled, "chunk")}${settled > 1 ? ", all settled" : ""}`;
  return `${count(settled)} of ${counted(total, "chunk")} settled`;
}

export type Accounting = "whole" | "not-known" | "wrong";

/** Whether the numbers of an ended batch add up. They come from one snapshot. */
export function accounting({ total, succeeded, failed, skipped }: BatchSummary["items"]): Accounting {
  if (total === null || skipped === null) return "not-known";
  return succeeded + failed + skipped === total ? "whole" : "wrong";
}
