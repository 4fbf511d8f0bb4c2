/** `fanjoin watch`: follows a batch that another process runs. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { hasEnded } from "../core/batch.ts";
import type { Progress } from "../local/engine.ts";
import { lockHolder } from "../local/lock.ts";
import type { Ledger } from "../ports.ts";
import { parseSpec, unitsOf } from "../steps/batch.ts";
import type { Batch } from "../steps/batches.ts";
import { failedBefore, progress as progressOf } from "../steps/summary.ts";
import { look, withDirectory } from "./directory-option.ts";
import { EXIT } from "./exit-codes.ts";
import type { ExitCode } from "./exit-codes.ts";
import { currentSummary, toldExitCode } from "./follow.ts";
import type { FollowOptions } from "./follow.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { withOutcome } from "./options.ts";
import { pickBatch } from "./pick-batch.ts";
import { progressDisplay } from "./progress-display.ts";
import { resumeCommand } from "./resume-command.ts";
import { checkOutput } from "./tell.ts";

/** Looking takes at most a tenth of the time. */
const LEAST_PAUSE_MS = 200;
const PAUSES_PER_LOOK = 10;
/** After that without a change it is asked whether anybody runs the batch. */
const QUIET_MS = 1500;

export function watchCommand(): Command {
  const command = new Command("watch")
    .description("follow a batch that another process runs, until its end")
    .argument("<batch>", "its id, or the beginning of it");
  return withOutcome(withDirectory(command)).action(async (batch: string, options: FollowOptions) => {
    process.exitCode = await watch(batch, options);
  });
}

async function watch(given: string, options: FollowOptions): Promise<ExitCode> {
  await checkOutput(options);
  const { batch, ended } = await look(options, async (ledger) => {
    const picked = await pickBatch(ledger, given, options.dir);
    return { batch: picked.batch, ended: await watched(ledger, picked, options) };
  });
  if (ended) return toldExitCode(await currentSummary(batch, options), options);
  console.error(`no process runs batch ${batch}. To go on:\n  ${resumeCommand(batch, options.dir)}`);
  return EXIT.interrupted;
}

type Batches = Pick<Ledger, "read" | "list">;

/** Shows progress until the batch has ended (true), or nobody runs it any more (false). */
async function watched(ledger: Batches, { batch, fields }: Batch, options: FollowOptions): Promise<boolean> {
  const { job, input } = parseSpec(batch, fields);
  const display = progressDisplay(job, options.quiet === true);
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    display.end();
    process.exit(EXIT.interrupted);
  });
  let last: Progress | null = null;
  let changedMs = performance.now();
  try {
    for (;;) {
      const beganMs = performance.now();
      const { fields: now } = await pickBatch(ledger, batch, options.dir);
      if (hasEnded(now)) return true;
      const { totals } = await progressOf(ledger, batch);
      if (totals.chunks !== last?.totals.chunks) changedMs = beganMs;
      else if (beganMs - changedMs > QUIET_MS && !lockHolder(options.dir)) return false;
      const before = failedBefore(now);
      last = { totals, units: before === null ? unitsOf(input) : null, failedBefore: before };
      display.show(last);
      await sleep(Math.max(LEAST_PAUSE_MS, PAUSES_PER_LOOK * (performance.now() - beganMs)));
    }
  } finally {
    display.end();
  }
}
