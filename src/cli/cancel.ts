/** `fanjoin cancel`: ends a batch with what was joined so far, whether a process runs it or not. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { FanjoinError } from "../core/errors.ts";
import { requestCancel } from "../local/directory.ts";
import type { Engine } from "../local/engine.ts";
import type { BatchSummary } from "../steps/summary.ts";
import { withDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { EXIT } from "./exit-codes.ts";
import type { ExitCode } from "./exit-codes.ts";
import { currentSummary, loadJobOf, withEngine } from "./follow.ts";
import { withJson } from "./options.ts";
import type { JsonOption } from "./options.ts";
import { tell } from "./tell.ts";

type CancelOptions = DirectoryOption & JsonOption;

/** Another process usually needs a fifth of a second. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

export function cancelCommand(): Command {
  const command = new Command("cancel")
    .description("end a batch with what was joined so far, also while another process runs it")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withDirectory(command), "the batch summary").action(
    async (batch: string, options: CancelOptions) => {
      process.exitCode = await cancel(batch, options);
    },
  );
}

async function cancel(given: string, options: CancelOptions): Promise<ExitCode> {
  const { batch, endedAt } = await currentSummary(given, options);
  const outcome = endedAt === null ? await end(batch, options) : await currentSummary(batch, options);
  if (outcome.endedAt === null) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch} was asked to end and has not ended yet: look again`,
    );
  }
  const cancelled = outcome.state === "cancelled";
  const code = cancelled ? EXIT.succeeded : EXIT.wrong;
  process.exitCode = code;
  if (!cancelled || endedAt !== null) console.error(`batch ${batch} had ended before: ${outcome.state}`);
  await tell(outcome, options);
  return code;
}

/** By its owner, or as its owner. */
async function end(batch: string, options: CancelOptions): Promise<BatchSummary> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let summary: BatchSummary;
  do {
    if (!(await isOwned(() => endHere(batch, options)))) return currentSummary(batch, options);
    requestCancel(options.dir, batch);
    summary = await endedElsewhere(batch, options);
  } while (summary.endedAt === null && performance.now() < giveUpAt);
  return summary;
}

/** Whether `use` found the directory in use by another process. */
async function isOwned(use: () => Promise<void>): Promise<boolean> {
  try {
    await use();
    return false;
  } catch (error) {
    if (error instanceof FanjoinError && error.code === "DIRECTORY_IN_USE") return true;
    throw error;
  }
}

async function endHere(batch: string, { dir }: CancelOptions): Promise<void> {
  await withEngine({ dir, concurrency: 1 }, async (engine: Engine) => {
    // What was processed is joined by the job's own code: without that the batch is left as it is. Its input is not read any more.
    await loadJobOf(engine, batch);
    await engine.cancel(batch);
    await engine.finished(batch);
  });
}

/** Waits for a second: the owner may be gone by then. */
async function endedElsewhere(batch: string, options: CancelOptions): Promise<BatchSummary> {
  for (let looks = 0; ; looks++) {
    await sleep(LOOK_MS);
    const summary = await currentSummary(batch, options);
    if (summary.endedAt !== null || looks * LOOK_MS >= 1000) return summary;
  }
}
