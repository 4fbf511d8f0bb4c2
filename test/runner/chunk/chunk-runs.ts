/** The chunks of a batch in a runner of the test's own, without the steps. */
import type { BatchSpec } from "../../../src/batch/spec.ts";
import type { CrashJournal } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { createRunner } from "../../../src/runner/create-runner.ts";
import type { Machine } from "../../../src/runner/machine.ts";
import { IN_FLIGHT, INSIDE, newHeartbeat } from "../../../src/runner/poison/heartbeat.ts";
import type { ChunksReply } from "../../../src/runner/runner.ts";
import { stage } from "../../steps/stage.ts";
import type { Stage } from "../../steps/stage.ts";
import type { StageOptions } from "../../steps/stage-spec.ts";

export interface ChunkRuns {
  readonly one: Stage;
  readonly chunks: readonly ChunkMessage[];
  /** What a test changes while items run. */
  readonly is: { interrupted: boolean };
  /** Open chunks and awaited items, as a watchdog sees them. */
  open(): unknown;
  /** All chunks as one bundle. */
  run(careful?: ReadonlyMap<number, CrashJournal> | null, spec?: BatchSpec): Promise<ChunksReply>;
}

export async function chunkRuns(options: StageOptions, machine: Partial<Machine> = {}): Promise<ChunkRuns> {
  const one = await stage(options);
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker", 100) as ChunkMessage[];
  const heartbeat = newHeartbeat();
  const is = { interrupted: false };
  const say = (): void => undefined;
  const runner = createRunner({
    job: options.job,
    store: one.ports.store,
    log: { debug: say, info: say, warn: say, error: say },
    signal: () => new AbortController().signal,
    interrupted: () => is.interrupted,
    now: () => 0,
    random: () => 0,
    heartbeat,
    ...machine,
  });
  return {
    one,
    chunks,
    is,
    open: () => [heartbeat[INSIDE], heartbeat[IN_FLIGHT]],
    run: (careful = null, spec = one.spec) => runner.chunks({ spec, chunks, careful }),
  };
}
