/** Changes how an engine works on a batch that has not ended. */
import { pause, resume } from "../../batch/steering/pausing.ts";
import { setSettings } from "../../batch/steering/settings.ts";
import { readBatch } from "../../batch/spec.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import { settingsOf } from "../../core/records/batch/settings.ts";
import type { Ports } from "../../ports.ts";
import type { Database } from "../sqlite/database.ts";
import type { ActiveBatches } from "./active-batches.ts";
import type { EngineLimits } from "./running/batch-limits.ts";
import type { JobThreads } from "./running/job-threads.ts";
import type { BatchTurns } from "./pumping/batch-turns.ts";

export interface SteeringContext {
  readonly ports: Ports;
  readonly database: Pick<Database, "committed">;
  readonly batches: ActiveBatches;
  readonly threads: JobThreads;
  readonly turns: BatchTurns;
  readonly limits: Pick<EngineLimits, "changed">;
  /** There may be room for more work. */
  readonly onChange: () => void;
}

/** All changes are durable when they resolve. A batch need not be one that the engine works on. */
export interface Steering {
  pause(batch: string): Promise<boolean>;
  resume(batch: string): Promise<boolean>;
  set(batch: string, settings: Settings): Promise<void>;
  /** A batch begins, goes on or has ended: its job has the threads that its batches want. */
  fit(batch: string): void;
}

export function steering(context: SteeringContext): Steering {
  const { ports, database, batches, threads, turns, limits, onChange } = context;

  async function changed(batch: string, isPaused: boolean, change: Promise<boolean>): Promise<boolean> {
    const applied = await change;
    if (applied) batches.notePause(batch, isPaused);
    await database.committed();
    return applied;
  }

  function fit(batch: string): void {
    const active = batches.find(batch);
    if (!active) return;
    if (active.over) turns.forget(batch);
    const { jobFile } = active.spec;
    if (jobFile !== null) threads.resize(jobFile, batches.threadsWanted(jobFile));
    onChange();
  }

  return {
    fit,
    pause: (batch) => changed(batch, true, pause(ports, batch)),
    resume: (batch) => changed(batch, false, resume(ports, batch)),
    async set(batch, settings) {
      await setSettings(ports, batch, settings);
      const active = batches.find(batch);
      const fields = await readBatch(ports.ledger, batch);
      if (active && fields) active.settings = settingsOf(fields);
      if (fields) limits.changed(batch, fields);
      fit(batch);
      await database.committed();
    },
  };
}
