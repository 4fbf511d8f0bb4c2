/**
 * Stays with a batch that runs elsewhere, in another process or on a deployed stack, until its end or a
 * Ctrl-C.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FanjoinError } from "../../core/errors.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { Batches } from "../batches.ts";
import { LostSight } from "../error-text.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import type { OutcomeOptions } from "../options.ts";
import { progressDisplay } from "../display/progress-display.ts";
import type { Progress } from "../../batch/progress.ts";
import { printJson } from "../display/standard-output.ts";
import { toldExitCode } from "./report-outcome.ts";

/** Looking takes at most a tenth of the time, and at least so long is waited. */
const LEAST_PAUSE_MS = 200;
const PAUSES_PER_LOOK = 10;
/** A batch that takes long is looked at less often: a request costs somebody something. */
const MOST_PAUSE_MS = 2000;
const PAUSE_SHARE = 0.01;
/** After that without a change it is asked whether anybody runs the batch. */
const QUIET_MS = 1500;
/** So long what answers badly may do so. */
const PATIENCE_MS = 60_000;

/** `first`: the batch as it was a moment ago. `announced`: it was begun by this command. */
export async function stayWith(
  batches: Batches,
  first: BatchSummary,
  options: OutcomeOptions,
  announced = false,
): Promise<ExitCode> {
  const { batch } = first;
  const seen = await followed(batches, first, options, announced);
  if (seen.endedAt !== null) return toldExitCode(seen, options, batches.read);
  process.exitCode = EXIT.interrupted;
  console.error(
    batches.isWorkedOn()
      ? `batch ${batch} goes on. To follow it:\n  ${batches.command(`watch ${batch}`)}`
      : `no process runs batch ${batch}. To go on:\n  ${batches.command(`resume ${batch}`)}`,
  );
  if (options.json) printJson(seen);
  return EXIT.interrupted;
}

/**
 * The batch as it was seen last: at its end, or when somebody pressed Ctrl-C, or when nobody runs it any
 * more.
 */
async function followed(
  batches: Batches,
  first: BatchSummary,
  { quiet }: OutcomeOptions,
  announced: boolean,
): Promise<BatchSummary> {
  // Whoever sees that the batch runs may press Ctrl-C at once.
  using interrupts = listenForInterrupts();
  const display = progressDisplay(first.job, quiet === true);
  if (announced) display.begin(first.batch);
  const left = new AbortController();
  let last = first;
  try {
    for (const looks = sightings(batches, first, left.signal); ;) {
      const look = looks.next();
      // Who has left does not mind what becomes of it.
      look.catch(() => undefined);
      const next = await Promise.race([look, interrupts.first]);
      if (next === "interrupted" || next.done === true) return last;
      const before = last;
      last = next.value;
      if (last.endedAt === null) display.show(progressOf(last));
      else display.end(finalProgress(before, last));
    }
  } catch (error) {
    throw new LostSight(batches.command(`watch ${first.batch}`), error);
  } finally {
    display.end();
    left.abort();
    if (last.endedAt === null) batches.close();
  }
}

/** The batch again and again, until it has ended or nobody runs it any more. */
async function* sightings(
  batches: Batches,
  { batch }: BatchSummary,
  signal: AbortSignal,
): AsyncGenerator<BatchSummary> {
  const firstMs = performance.now();
  let changedMs = firstMs;
  for (let settled = -1; ;) {
    const beganMs = performance.now();
    const now = await lookPatiently(batches, batch, signal);
    yield now;
    if (now.endedAt !== null) return;
    if (now.chunks.settled !== settled) changedMs = beganMs;
    else if (beganMs - changedMs > QUIET_MS && !batches.isWorkedOn()) return;
    settled = now.chunks.settled;
    const nowMs = performance.now();
    const share = Math.min(MOST_PAUSE_MS, PAUSE_SHARE * (nowMs - firstMs));
    await sleep(Math.max(LEAST_PAUSE_MS, share, PAUSES_PER_LOOK * (nowMs - beganMs)), null, { signal });
  }
}

async function lookPatiently(batches: Batches, batch: string, signal: AbortSignal): Promise<BatchSummary> {
  for (const giveUpMs = performance.now() + PATIENCE_MS; ;) {
    try {
      return await batches.find(batch);
    } catch (error) {
      const passes = error instanceof FanjoinError && error.retryable;
      if (!passes || performance.now() > giveUpMs) throw error;
      await sleep(MOST_PAUSE_MS, null, { signal });
    }
  }
}

function progressOf({ items, progress }: BatchSummary): Progress {
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const { succeeded, failed } = items;
  return { totals: { succeeded, failed, units }, units: of, failedBefore };
}

/** What there was to do is done, if nothing was left out; `before`: what was seen last before the end. */
function finalProgress({ progress }: BatchSummary, ended: BatchSummary): Progress {
  const { totals } = progressOf(ended);
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const isWhole = ended.chunks.skipped === 0 && ended.error === null;
  return { totals: { ...totals, units: isWhole ? (of ?? units) : units }, units: of, failedBefore };
}
