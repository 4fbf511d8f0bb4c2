/** Records what one batch does while it runs: for people to see, so nothing depends on it. */
import type { ChunkMessage } from "../../../core/records/message.ts";
import { workName } from "../../../core/records/message.ts";
import { NO_TOTALS, addTotals, itemsDone } from "../../../core/records/totals.ts";
import type { Totals } from "../../../core/records/totals.ts";
import { FailureGroups } from "../../../core/failures/failure-groups.ts";
import type { LiveFailures } from "../../../core/failures/failure-summary.ts";
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../../core/history/history.ts";
import type { BatchHistory, Mark, MarkKind } from "../../../core/history/history.ts";
import { LatencySketch, itemsIn } from "../../../core/history/latency.ts";
import { Marks } from "../../../core/history/marks.ts";
import { Series } from "../../../core/history/series.ts";
import { LaneRows } from "./lane-rows.ts";
import { RunningBundle } from "./running-bundle.ts";
import type { ChunksReply } from "../../../runner/runner.ts";

export interface RecorderOptions {
  /** Milliseconds since the epoch, as are all times here. */
  readonly start: number;
  /** Items that may be in `process` at once, in all threads. */
  readonly allowed: () => number;
  /** Chunks share their threads. */
  readonly overlaps: boolean;
}

/** "Now" of a rate: the last minute. */
const RECENT_MS = 60_000;

/** A lane for chunks that run in a process of their own. */
export const OWN_PROCESS = "own process";

export class BatchRecorder {
  readonly #options: RecorderOptions;
  readonly #series = new Series();
  readonly #latency = new LatencySketch();
  readonly #marks = new Marks();
  readonly #groups = new FailureGroups();
  readonly #bundles = new Set<RunningBundle>();
  readonly #rows: LaneRows;
  /** When the last bundle of a lane ended. */
  readonly #freeSince = new Map<string, number>();
  /** Attempts at chunks that were tried before. */
  readonly #attempts = new Map<string, number>();
  readonly #counts = { settled: 0, triedAgain: 0, hedged: 0, split: 0, merges: 0 };
  /** `null`: an earlier process has counted, too. */
  #counted: Totals | null = NO_TOTALS;
  /** Items that were measured one by one. */
  #timed = 0;
  #failed = 0;
  #endedAt: number | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#rows = new LaneRows(options.overlaps);
  }

  /** A chunk of a redelivery: the number of its attempt. */
  noteAttempt(message: ChunkMessage, attempt: number): void {
    this.#attempts.set(workName(message), attempt);
  }

  begin(chunks: readonly ChunkMessage[], now: number): RunningBundle {
    const bundle = new RunningBundle(chunks, now);
    for (const { kind } of chunks) if (kind === "hedge") this.#counts.hedged++;
    this.#bundles.add(bundle);
    return bundle;
  }

  /** Chunks of a bundle are done. */
  settle(bundle: RunningBundle, reply: ChunksReply, now: number): void {
    const { done, cuts = [], failures = [], latency } = reply;
    const from = this.#beganAt(bundle, now);
    const sum = done.reduce((ms, { totals }) => ms + totals.ms, 0);
    let at = Math.max(from, now - sum);
    for (const { child, part, totals, tookMs } of done) {
      const begun = tookMs === undefined ? at : Math.max(bundle.sentAt, now - tookMs);
      at = Math.min(now, at + totals.ms);
      const to = tookMs === undefined ? at : now;
      const message = bundle.take(child, part);
      const attempt = this.#attemptAt(message);
      if (attempt > 1) this.#counts.triedAgain++;
      this.#marks.add([
        this.#laneOf(bundle, begun, to),
        this.#sinceStart(begun),
        this.#sinceStart(to),
        kindOf(totals),
        child,
        itemsDone(totals),
        Math.max(0, totals.failed),
        attempt,
        flagsOf(attempt, message),
      ]);
      if (latency === undefined) this.#addMean(totals);
    }
    for (const { chunk, part } of cuts) {
      bundle.take(chunk, part);
      this.#counts.split++;
    }
    bundle.settledAt = now;
    if (latency) {
      this.#latency.absorb(latency);
      this.#timed += itemsIn(latency);
    }
    for (const { entries, others } of failures) {
      for (const entry of entries) {
        this.#groups.addCounted(entry, now);
        this.#failed += entry.count;
      }
      this.#failed += others;
    }
  }

  /** Of items that were not awaited, only their sum is known. */
  #addMean({ succeeded, failed, ms }: Totals): void {
    const items = succeeded + failed;
    if (items > 0) this.#latency.add(ms / items, items);
  }

  /** The bundle has ended; chunks that it still has are interrupted, or with `lost` have died. */
  end(bundle: RunningBundle, now: number, { lost }: { readonly lost: boolean }): void {
    const from = this.#beganAt(bundle, now);
    this.#bundles.delete(bundle);
    if (bundle.lane !== null) this.#freeSince.set(bundle.lane, now);
    const message = bundle.first;
    if (!lost || !message) return;
    const attempt = this.#attemptAt(message);
    this.#marks.add([
      this.#laneOf(bundle, from, now),
      this.#sinceStart(from),
      this.#sinceStart(now),
      "lost",
      message.chunk,
      0,
      0,
      attempt,
      flagsOf(attempt, message),
    ]);
  }

  merged(lane: string, node: number, from: number, to: number): void {
    const { start } = this.#options;
    this.#counts.merges++;
    this.#marks.add([this.#marks.lane(lane), from - start, to - start, "merge", node, 0, 0, 1, 0]);
  }

  /** Totals that count. In a redrive they are differences. */
  count(totals: Totals, now: number): void {
    this.#counted &&= addTotals(this.#counted, totals);
    const { units, chunks } = totals;
    this.#counts.settled += Math.max(0, chunks);
    this.#series.settle(now - this.#options.start, {
      done: itemsDone(totals),
      failed: Math.max(0, totals.failed),
      units,
    });
  }

  /** `items`: in `process` now, by lane. */
  observe(items: (lane: string) => number, now: number): void {
    let all = 0;
    for (const lane of this.#lanesAtWork()) all += items(lane);
    this.#series.observe(now - this.#options.start, all);
  }

  /** The bundle that runs on each lane: the oldest. */
  #oldest(): Map<string, RunningBundle> {
    const running = new Map<string, RunningBundle>();
    for (const bundle of this.#bundles)
      if (bundle.lane !== null && !running.has(bundle.lane)) running.set(bundle.lane, bundle);
    return running;
  }

  #lanesAtWork(): Iterable<string> {
    return this.#oldest().keys();
  }

  #beganAt({ lane, sentAt }: RunningBundle, now: number): number {
    return Math.min(now, Math.max(sentAt, (lane === null ? null : this.#freeSince.get(lane)) ?? 0));
  }

  #laneOf({ lane }: RunningBundle, from: number, to: number): number {
    return this.#marks.lane(this.#rows.of(lane ?? OWN_PROCESS, from, to));
  }

  #sinceStart(at: number): number {
    return Math.round(at - this.#options.start);
  }

  /** Of chunks that have begun and are not settled, in the reader's unit. */
  unitsInFlight(): number {
    return [...this.#oldest().values()].reduce((sum, { unitsLeft }) => sum + unitsLeft, 0);
  }

  unitsPerSecond(now: number): number | null {
    return this.#series.unitsPerSecond(now - this.#options.start, RECENT_MS);
  }

  /**
   * The batch has ended: time stands still from now on. `totals`: what it has come to, where that is known.
   * Its last chunks may be in the ledger before the work on them has counted them.
   */
  close(at: number, totals: Totals | null): void {
    if (totals && this.#counted) this.count(difference(totals, this.#counted), at);
    this.#endedAt = at;
    this.#bundles.clear();
  }

  history(now: number): BatchHistory {
    const { start, allowed, overlaps } = this.#options;
    const at = Math.max(0, Math.round((this.#endedAt ?? now) - start));
    const running = this.#running(now);
    // Where chunks share their threads, the mean of a chunk says nothing of its items.
    const isByItem = overlaps ? this.#timed > 0 : this.#timed * 2 >= this.#latency.count;
    return {
      start,
      now: at,
      interval: this.#series.interval,
      points: this.#series.points(),
      allowed: allowed(),
      latency: this.#latency.latency(isByItem ? "item" : "chunk"),
      counts: { ...this.#counts, running: running.length },
      timeline: this.#marks.timeline(running),
    };
  }

  #running(now: number): Mark[] {
    const { start } = this.#options;
    return [...this.#oldest()].flatMap(([lane, bundle]): Mark[] => {
      const message = bundle.first;
      if (!message) return [];
      const attempt = this.#attemptAt(message);
      const from = Math.round(Math.max(this.#beganAt(bundle, now), bundle.settledAt) - start);
      const flags = attempt > 1 ? TRIED_AGAIN : 0;
      return [[this.#marks.lane(lane), from, null, "running", message.chunk, 0, 0, attempt, flags]];
    });
  }

  #attemptAt(message: ChunkMessage | undefined): number {
    if (this.#attempts.size === 0 || !message) return 1;
    return this.#attempts.get(workName(message)) ?? 1;
  }

  failures(): LiveFailures {
    return { ...this.#groups.live(), of: this.#failed };
  }

  /** Goes on where an earlier process left off. */
  restore({ interval, points, latency, counts, timeline }: BatchHistory): void {
    this.#counted = null;
    this.#series.restore(interval, points);
    if (latency) {
      this.#latency.restore(latency);
      if (latency.of === "item") this.#timed += latency.count;
    }
    Object.assign(this.#counts, counts);
    if (timeline) this.#marks.restore(timeline);
  }
}

function difference(all: Totals, counted: Totals): Totals {
  const rest = (name: "chunks" | "succeeded" | "failed" | "units"): number =>
    Math.max(0, all[name] - counted[name]);
  return {
    ...NO_TOTALS,
    chunks: rest("chunks"),
    succeeded: rest("succeeded"),
    failed: rest("failed"),
    units: rest("units"),
  };
}

function flagsOf(attempt: number, message: ChunkMessage | undefined): number {
  const again = attempt > 1 ? TRIED_AGAIN : 0;
  if (message?.kind === "part") return again | SPLIT;
  return message?.kind === "hedge" ? again | HEDGED : again;
}

function kindOf({ failed, broken }: Totals): MarkKind {
  if (broken > 0) return "broken";
  return failed > 0 ? "failed" : "succeeded";
}
