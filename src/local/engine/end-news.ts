/**
 * Tells of the end of batches on one machine. URLs and secrets are in the job's code, so the engine tells of
 * batches whose job it has loaded: its own, and those of the same job file that an earlier owner of the
 * directory left.
 */
import { reasonOf } from "../../core/errors/errors.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import { pendingNews } from "../../core/records/batch/news.ts";
import type { Fields } from "../../core/records/record.ts";
import type { OnEnd } from "../../job/on-end.ts";
import { allBatches } from "../../batch/list.ts";
import { tell } from "../../steps/telling/tell.ts";
import type { Ports } from "../../ports.ts";
import { webhookChannels } from "../../webhooks/webhook-channels.ts";
import type { LogEntry } from "./engine.ts";

export interface EndNewsContext {
  readonly ports: () => Ports;
  /** Resolves once everything that was written before is durable. */
  readonly committed: () => Promise<void>;
  readonly onLog: ((entry: LogEntry) => void) | undefined;
}

/** News that were not told when the process had to end. */
export interface LeftNews {
  readonly batch: string;
  readonly channels: readonly string[];
}

interface Waiting {
  /** When the next round is due. */
  at: number;
  channels: readonly string[];
  running: Promise<void> | null;
  timer: NodeJS.Timeout | null;
}

export class EndNews {
  readonly #context: EndNewsContext;
  /** By job file; `null`: the job tells nobody. */
  readonly #jobs = new Map<string, OnEnd | null>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #stop = new AbortController();

  constructor(context: EndNewsContext) {
    this.#context = context;
  }

  /** A job was loaded. What earlier owners left of its batches is told. */
  async learn(jobFile: string, onEnd: OnEnd | null): Promise<void> {
    const isNew = !this.#jobs.has(jobFile);
    this.#jobs.set(jobFile, onEnd);
    if (!isNew) return;
    for await (const { batch, fields } of allBatches(this.#context.ports().ledger, { having: "open" }))
      if (hasEnded(fields) && fields["jobFile"] === jobFile) this.begin(batch, fields);
  }

  /** A batch has ended, durably. */
  begin(batch: string, fields: Fields): void {
    const { jobFile } = fields;
    if (pendingNews(fields) === null || typeof jobFile !== "string" || !this.#jobs.has(jobFile)) return;
    if (this.#waiting.has(batch)) return;
    const waiting: Waiting = { at: 0, channels: [], running: null, timer: null };
    this.#waiting.set(batch, waiting);
    this.#round(batch, jobFile, waiting);
  }

  #round(batch: string, jobFile: string, waiting: Waiting): void {
    waiting.running = this.#tell(batch, jobFile, waiting).catch((error: unknown) => {
      // The record is as it was: the next owner goes on.
      this.#waiting.delete(batch);
      this.#warn(`the end of batch ${batch} could not be told: ${reasonOf(error)}`);
    });
  }

  async #tell(batch: string, jobFile: string, waiting: Waiting): Promise<void> {
    const { ports, committed } = this.#context;
    const { signal } = this.#stop;
    const channels = webhookChannels(this.#jobs.get(jobFile) ?? null, {
      env: process.env,
      now: () => ports().clock.now(),
      signal,
    });
    waiting.channels = channels.map(({ shown }) => shown);
    const log = { info: () => undefined, warn: (line: string) => this.#warn(`${line} (batch ${batch})`) };
    const left = await tell(ports(), { batch, channels, log });
    await committed();
    waiting.running = null;
    if (left === null || signal.aborted) return void this.#waiting.delete(batch);
    Object.assign(waiting, left);
    const again = (): void => this.#round(batch, jobFile, waiting);
    waiting.timer = setTimeout(again, Math.max(0, left.at - ports().clock.now()));
  }

  /**
   * Resolves when all is told, or nothing more will be until `until`, in milliseconds since the epoch.
   * Returns what is left then.
   */
  async over(until: number): Promise<readonly LeftNews[]> {
    const { clock } = this.#context.ports();
    for (;;) {
      // A round that runs was due before.
      const soon = [...this.#waiting.values()].filter(({ at }) => at < until);
      const left = until - clock.now();
      if (soon.length === 0 || left <= 0) break;
      const next = Math.min(...soon.map(({ running, at }) => (running === null ? at - clock.now() : left)));
      const running = soon.flatMap(({ running }) => running ?? []);
      await within(Promise.race(running), Math.min(left, Math.max(1, next)));
    }
    return Array.from(this.#waiting, ([batch, { channels }]) => ({ batch, channels }));
  }

  /** What is left stays in the ledger. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("the process ends"));
    for (const { timer } of this.#waiting.values()) if (timer !== null) clearTimeout(timer);
    await Promise.all([...this.#waiting.values()].flatMap(({ running }) => running ?? []));
    this.#waiting.clear();
  }

  #warn(message: string): void {
    if (!this.#stop.signal.aborted) this.#context.onLog?.({ level: "warn", message, fields: null });
  }
}

/** Resolves with `promise`, or after `ms`. Its timer keeps no process from ending. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
