/** Tells how to go on with batches that nobody works on. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import { say } from "./display/standard-error.ts";
import type { CommandPlace } from "./place.ts";

export async function sayInterrupted(place: CommandPlace, batches: readonly BatchSummary[]): Promise<void> {
  const [first, ...others] = batches.filter(({ state }) => state === "interrupted");
  if (first === undefined) return;
  const { batch, job } = first;
  if (!place.runsHere)
    say(`nothing works on batch ${batch}: start fanjoin dev again, with the file of the job ${job}`);
  else if (others.length === 0)
    say(`no process works on batch ${batch}. To continue it:\n  ${await place.resumeCommand(batch)}`);
  else
    say(`no process works on the interrupted batches. To continue one:\n  ${place.command("resume BATCH")}`);
}
