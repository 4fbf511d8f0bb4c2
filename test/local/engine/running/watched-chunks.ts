/** Chunks that are watched for hedges, in a time and with threads that the test decides on. */
import { onTestFinished, vi } from "vitest";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { ActiveBatches } from "../../../../src/local/engine/active-batches.ts";
import type { ActiveBatch } from "../../../../src/local/engine/active-batches.ts";
import { Hedging } from "../../../../src/local/engine/running/hedging.ts";
import type { QueuedChunk } from "../../../../src/local/engine/pumping/pump.ts";
import { countingJob } from "../../../steps/jobs.ts";
import { stage } from "../../../steps/stage.ts";
import type { Stage } from "../../../steps/stage.ts";

export interface Watched {
  readonly one: Stage;
  readonly hedging: Hedging;
  readonly batches: ActiveBatches;
  readonly active: ActiveBatch;
  readonly running: readonly QueuedChunk[];
  /** The chunks whose attempts were told to stop. */
  readonly overtaken: unknown[];
  /** All that threads were told: of which job file, and which chunks. */
  readonly told: unknown[];
  readonly warnings: unknown[];
  /** Makes a check so many seconds later. */
  checkAfter(seconds: number): Promise<void>;
  /** The chunks that were hedged. */
  hedges(): number[];
  idle: number;
  tail: boolean;
}

export interface WatchedOptions {
  readonly hedge?: boolean;
  readonly items?: number;
  /** The chunks that run; all others are settled. */
  readonly open?: readonly number[];
  readonly jobFile?: string | null;
}

/** Of forty chunks all are settled but 3, 11 and 27, which run. */
export async function watched({
  hedge = true,
  items = 40,
  open = [3, 11, 27],
  jobFile = "/job.ts",
}: WatchedOptions = {}): Promise<Watched> {
  const one = await stage({ job: countingJob(items, (n) => n, { hedge }), chunk: { items: 1 } });
  await one.submit();
  const chunks: ChunkMessage[] = [];
  while ((await one.step("coordinator")) > 0) chunks.push(...(one.queue.take("worker") as ChunkMessage[]));
  await one.deliver(
    "worker",
    chunks.filter(({ chunk }) => !open.includes(chunk)),
  );
  one.queue.take("join");
  const running = chunks
    .filter(({ chunk }) => open.includes(chunk))
    .map((message, id): QueuedChunk => {
      return { id, queue: "worker", message, receives: 1, carried: 0, suspect: false };
    });
  const batches = new ActiveBatches();
  const active = batches.open({ ...one.spec, jobFile });
  active.totals = { ...NO_TOTALS, chunks: items - open.length };
  const overtaken: unknown[] = [];
  const told: unknown[] = [];
  const warnings: unknown[] = [];
  const hedging = new Hedging({
    ports: one.ports,
    batches,
    threads: {
      idleOf: () => it.idle,
      overtake: (file, settled) => {
        told.push([file, settled]);
        overtaken.push(...settled.map(({ chunk }) => chunk));
      },
    },
    isTail: () => it.tail,
    warn: (error) => void warnings.push(error),
  });
  onTestFinished(() => hedging.stop());
  const hedges = (): number[] => (one.queue.take("worker") as ChunkMessage[]).map(({ chunk }) => chunk);
  const it: Watched = {
    one,
    hedging,
    batches,
    active,
    running,
    overtaken,
    told,
    warnings,
    checkAfter(seconds) {
      secondsLater(seconds);
      return hedging.check();
    },
    hedges,
    idle: 3,
    tail: true,
  };
  return it;
}

/** The clock alone: no check is made meanwhile. */
export const secondsLater = (seconds: number): void => void vi.setSystemTime(Date.now() + 1000 * seconds);
