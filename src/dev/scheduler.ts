/** Starts batches at the times of their jobs' schedules, while `fanjoin dev --schedule` runs. */
import { startTick } from "../api/start-tick.ts";
import type { Tick } from "../api/start-tick.ts";
import type { ApiHost } from "../api/host.ts";
import { nextTick, parseCron, tickName } from "../core/cron.ts";
import { reasonOf } from "../core/errors/errors.ts";

export interface Scheduler {
  /** Starts what is due. Called often enough, it misses no minute. */
  check(): Promise<void>;
  /** Begins to check by itself. */
  start(): void;
  /** Resolves once no batch is being started any more. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const CHECK_MS = 5_000;
/** A machine that was asleep for longer does not make up for what it has missed. */
const MOST_MISSED = 5;

export function scheduler(host: ApiHost, log: (line: string) => void): Scheduler {
  let handled = Math.floor(host.now() / MINUTE_MS);
  let timer: NodeJS.Timeout | null = null;
  let running = Promise.resolve();
  const waiting = new Map<string, Tick>();

  async function begin(tick: Tick): Promise<void> {
    const { job, at } = tick;
    const name = `${job} ${tickName(at)}`;
    try {
      const outcome = await startTick(host, tick);
      if ("waits" in outcome) return void waiting.set(name, tick);
      waiting.delete(name);
      if ("skipped" in outcome) log(`schedule of ${name}: skipped, batch ${outcome.skipped} has not ended`);
    } catch (error) {
      waiting.delete(name);
      log(`schedule of ${name}: no batch was started: ${reasonOf(error)}`);
    }
  }

  /** The schedule is read anew each time: the job's file may have changed. */
  async function dueIn(job: string, minute: number): Promise<Tick | null> {
    try {
      const { options } = await host.describe(job);
      const cron = options.schedule && parseCron(options.schedule.cron);
      if (!options.schedule || !cron || typeof cron === "string") return null;
      const at = minute * MINUTE_MS;
      return nextTick(cron, at - 1) === at ? { job, at, ...options.schedule } : null;
    } catch (error) {
      log(`schedule of ${job}: ${reasonOf(error)}`);
      return null;
    }
  }

  async function check(): Promise<void> {
    for (const tick of waiting.values()) await begin(tick);
    const now = Math.floor(host.now() / MINUTE_MS);
    for (let minute = Math.max(handled + 1, now - MOST_MISSED); minute <= now; minute++) {
      handled = minute;
      for (const job of host.jobs) {
        const tick = await dueIn(job, minute);
        if (tick !== null) await begin(tick);
      }
    }
  }

  const next = (): Promise<void> => (running = running.then(check));
  return {
    check: next,
    start() {
      timer = setInterval(() => void next(), CHECK_MS);
    },
    async close() {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}
