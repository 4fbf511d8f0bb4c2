/**
 * The sweeper: runs once a minute, ends batches at their times, finishes what a dead process or a lost
 * message left unfinished, has the end of batches told, and removes the objects of removed batches.
 */
import { endBatch, endWithEnough, hasEnded, isEnding } from "../core/records/batch/batch.ts";
import { deadlineOf } from "../core/records/batch/bounds/deadline.ts";
import { enoughAt } from "../core/records/batch/bounds/enough.ts";
import { isPaused } from "../core/records/batch/pausing.ts";
import { isRemoved } from "../core/records/batch/removed-batch.ts";
import type { Fields, Update } from "../core/records/record.ts";
import { allBatches } from "../batch/list.ts";
import { wakeCoordinator } from "../batch/steering/end.ts";
import { removeObjects } from "../batch/steering/remove.ts";
import { recover } from "./recovering/recover.ts";
import { progressMark } from "./recovering/lost-work.ts";
import { sweepNews } from "./telling/send-news.ts";
import type { Ports } from "../ports.ts";

/**
 * A batch that has not moved on for so long is recovered. No message stays with a function for longer than
 * its timeout, which is at most 15 minutes:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const LOST_AFTER_MS = 16 * 60_000;
/**
 * A batch that no coordinator has begun for so long is recovered once: less than the time between two sweeps.
 */
const NOT_BEGUN_AFTER_MS = 45_000;

/** Removed batches whose objects one sweep removes: two requests for each. */
const MOST_REMOVALS = 200;

export async function sweeper(ports: Ports): Promise<void> {
  const removed: string[] = [];
  for await (const { batch, fields } of allBatches(ports.ledger, { having: "open" })) {
    if (isRemoved(fields)) {
      removed.push(batch);
      continue;
    }
    if (hasEnded(fields)) {
      await sweepNews(ports, batch, fields);
      continue;
    }
    const asked = await sweepBatch(ports, batch, fields);
    if (!asked && !isEnding(fields) && !isPaused(fields)) await sweepStalled(ports, batch, fields);
  }
  // Last: if it fails, nothing else waits for it.
  for (const batch of removed.slice(0, MOST_REMOVALS)) await removeObjects(ports, batch);
}

/**
 * For a batch that has not ended. Returns whether this call asked it to end. The deadline of a paused batch
 * stands still.
 */
export async function sweepBatch(ports: Ports, batch: string, fields: Fields): Promise<boolean> {
  const due = isEnding(fields) ? null : endAtItsTime(batch, fields, ports.clock.now());
  const asked = due !== null && (await ports.ledger.update(due)).applied;
  // The coordinator does what is missing. If nothing is, waking it is harmless.
  if (asked || isEnding(fields)) await wakeCoordinator(ports, batch);
  return asked;
}

/**
 * The update that ends a batch whose time has come, or `null`. The deadline is the stricter one. In a pause
 * it stands still, but a time of day does not.
 */
function endAtItsTime(batch: string, fields: Fields, now: number): Update | null {
  if (!isPaused(fields) && deadlineOf(fields) <= now)
    return endBatch(batch, "deadline", deadlineError(fields));
  const at = enoughAt(fields);
  if (at === null || at > now) return null;
  return endWithEnough(batch, `it was to end at ${new Date(at).toISOString()} with what was done by then`);
}

/**
 * Recovers a batch that has stood still for too long. The record `sweep/<batch>` says since when it stands
 * where it does, and whether it was recovered there.
 */
async function sweepStalled(ports: Ports, batch: string, fields: Fields): Promise<void> {
  const { ledger, clock } = ports;
  const { text: mark, begun } = await progressMark(ledger, batch, fields);
  const key = `sweep/${batch}`;
  const [seen = null] = await ledger.read([key]);
  const stood = seen?.["mark"] === mark ? clock.now() - Number(seen["at"]) : null;
  const recovered = stood !== null && seen?.["recovered"] === true;
  if (stood !== null && stood < (begun || recovered ? LOST_AFTER_MS : NOT_BEGUN_AFTER_MS)) return;
  if (stood !== null) await recover(ports, batch);
  const set = { mark, at: clock.now(), recovered: stood !== null };
  await ledger.update({ key, when: [], set, add: {} });
}

function deadlineError(fields: Fields): { code: "DEADLINE_EXCEEDED"; message: string } {
  const at = new Date(deadlineOf(fields)).toISOString();
  return { code: "DEADLINE_EXCEEDED", message: `the batch was not done at its deadline, ${at}` };
}
