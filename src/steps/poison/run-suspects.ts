/**
 * Runs a bundle that may hold suspects, with the items that are known to kill left out. When another item is
 * found to kill, it is quarantined and the bundle runs again.
 *
 * The idea is that of skipping bad records in MapReduce (Dean and Ghemawat 2004, section 4.6).
 */
import { journalKey, parseCrashJournal, quarantine } from "../../core/records/attempts/crash-journal.ts";
import type { CrashJournal } from "../../core/records/attempts/crash-journal.ts";
import type { Ledger } from "../../ports.ts";
import { attemptOf } from "../bundle/delivery.ts";
import type { ChunkDelivery } from "../bundle/delivery.ts";
import { ItemDied } from "../../runner/poison/item-died.ts";
import type { ChunksEvents, ChunksReply, ChunksRequest, Runner } from "../../runner/runner.ts";

export interface BundleToRun {
  readonly request: Omit<ChunksRequest, "careful">;
  readonly deliveries: readonly ChunkDelivery[];
  /** Told for plain chunks only. */
  readonly events: ChunksEvents;
}

/** Quarantining an item is progress, so it costs the chunk no attempt. */
export async function runSuspects(
  ledger: Ledger,
  runner: Runner,
  { request, deliveries, events }: BundleToRun,
): Promise<ChunksReply> {
  const suspects = deliveries.filter(({ suspect }) => suspect);
  if (suspects.length === 0) return runner.chunks({ ...request, careful: null }, events);
  for (;;) {
    const careful = await journalsOf(ledger, suspects);
    try {
      return await runner.chunks({ ...request, careful });
    } catch (thrown) {
      if (!(thrown instanceof ItemDied) || !(await quarantined(ledger, thrown, suspects))) throw thrown;
    }
  }
}

async function journalsOf(
  ledger: Ledger,
  suspects: readonly ChunkDelivery[],
): Promise<ReadonlyMap<number, CrashJournal>> {
  const records = await ledger.read(suspects.map(({ message }) => journalKey(message)));
  return new Map(
    suspects.map(({ message }, place) => [message.chunk, parseCrashJournal(records[place] ?? null)]),
  );
}

/** Quarantines the item that died. False if there is none, or if it was quarantined before. */
async function quarantined(
  ledger: Ledger,
  { death }: ItemDied,
  suspects: readonly ChunkDelivery[],
): Promise<boolean> {
  const delivery = suspects.find(({ message }) => message.chunk === death.chunk);
  if (!delivery) return false;
  const { applied } = await ledger.update(
    quarantine(delivery.message, { ...death, attempts: attemptOf(delivery) }),
  );
  return applied;
}
