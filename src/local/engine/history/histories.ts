/**
 * The histories of the batches that an engine works on. Several times a second it looks at how many items are
 * in flight; every second, and at its end, the history of a batch is written beside its files.
 */
import { shortFailures } from "../../../core/failures/live-failures.ts";
import type { LiveFailures } from "../../../core/failures/failure-summary.ts";
import type { BatchHistory } from "../../../core/history/history.ts";
import type { Totals } from "../../../core/records/totals.ts";
import type { BatchPace } from "../../../batch/summary/pace.ts";
import type { BatchSpec } from "../../../batch/spec.ts";
import { readHistory, writeHistory } from "../../directory/files/history-file.ts";
import type { JobThreads } from "../running/job-threads.ts";
import { BatchRecorder } from "./batch-recorder.ts";

export interface HistoriesOptions {
  readonly directory: string;
  readonly threads: () => JobThreads;
  /** It cannot be written: that costs only what there is to see. */
  readonly warn: (error: unknown) => void;
}

const LOOK_MS = 250;
/** Looks between two writes. */
const LOOKS_PER_WRITE = 4;

/**
 * Of short batches that end faster than that, some have no history: where thousands of small ones run, a file
 * for each would take longer than many of them.
 */
const ENDS_PER_LOOK = 4;
const SHORT_MS = 1000;

interface Kept {
  readonly spec: BatchSpec;
  readonly generation: number;
  readonly recorder: BatchRecorder;
}

/** What there is to see of a batch besides its summary. */
export interface SeenNow {
  readonly history: BatchHistory;
  readonly failures: LiveFailures;
}

export class Histories {
  readonly #options: HistoriesOptions;
  readonly #kept = new Map<string, Kept>();
  #endsLeft = ENDS_PER_LOOK;
  #looking: NodeJS.Timeout | null = null;
  #looks = 0;

  constructor(options: HistoriesOptions) {
    this.#options = options;
  }

  /** Begins the history of a batch, or goes on with that of an earlier process. */
  open(spec: BatchSpec, generation: number, { goesOn }: { readonly goesOn: boolean }): void {
    const known = this.#kept.get(spec.batch);
    if (known?.generation === generation) return;
    const { concurrency = 1 } = spec;
    const recorder = new BatchRecorder({
      start: spec.redrivenAt ?? spec.createdAt,
      allowed: () => this.#options.threads().countFor(spec) * concurrency,
      overlaps: concurrency > 1,
    });
    const earlier = goesOn ? readHistory(this.#options.directory, spec.batch) : null;
    if (earlier?.generation === generation) recorder.restore(earlier.history);
    this.#kept.set(spec.batch, { spec, generation, recorder });
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  find(batch: string): BatchRecorder | undefined {
    return this.#kept.get(batch)?.recorder;
  }

  /** `null` if no thread works on the batch. */
  pace(batch: string): BatchPace | null {
    const kept = this.#kept.get(batch);
    if (!kept) return null;
    return {
      threads: this.#options.threads().countFor(kept.spec),
      unitsInFlight: kept.recorder.unitsInFlight(),
      unitsPerSecond: kept.recorder.unitsPerSecond(Date.now()),
    };
  }

  seen(batch: string): SeenNow | null {
    const recorder = this.find(batch);
    if (!recorder) return null;
    return { history: recorder.history(Date.now()), failures: shortFailures(recorder.failures()) };
  }

  /**
   * The batch has ended, with these totals: `null` where they are those of several generations. Nothing is
   * written into its folder once its end is told.
   */
  close(batch: string, endedAt: number, totals: Totals | null): void {
    const kept = this.#kept.get(batch);
    if (!kept) return;
    kept.recorder.close(endedAt, totals);
    this.#kept.delete(batch);
    const isShort = endedAt - (kept.spec.redrivenAt ?? kept.spec.createdAt) < SHORT_MS;
    if (!isShort || this.#endsLeft-- > 0) this.#write(batch, kept);
  }

  forget(batch: string): void {
    this.#kept.delete(batch);
  }

  #look(): void {
    const now = Date.now();
    const isTime = ++this.#looks % LOOKS_PER_WRITE === 0;
    for (const [batch, kept] of this.#kept) {
      const items = this.#options.threads().itemsInProcess(kept.spec);
      kept.recorder.observe((lane) => items.get(numberOf(lane)) ?? 0, now);
      if (isTime) this.#write(batch, kept);
    }
    if (this.#kept.size === 0) this.#stopLooking();
    this.#endsLeft = ENDS_PER_LOOK;
  }

  #write(batch: string, { generation, recorder }: Kept): void {
    try {
      const failures = shortFailures(recorder.failures());
      const history = recorder.history(Date.now());
      writeHistory(this.#options.directory, batch, { format: 1, generation, history, failures });
    } catch (error) {
      this.#options.warn(error);
    }
  }

  #stopLooking(): void {
    if (this.#looking) clearInterval(this.#looking);
    this.#looking = null;
  }

  /** Writes what there is, for the next owner to go on with. */
  stop(): void {
    this.#stopLooking();
    for (const [batch, kept] of this.#kept) this.#write(batch, kept);
    this.#kept.clear();
  }
}

/** Lanes are named for people. */
export function laneOf(thread: number): string {
  return `thread ${thread}`;
}

function numberOf(lane: string): number {
  return Number(lane.slice(lane.lastIndexOf(" ") + 1));
}
