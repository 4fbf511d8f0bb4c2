/**
 * Chunks that were tried before: run with what is known against their items, again and again as long as that
 * grows.
 */
import { journalKey, parseCrashJournal, quarantine } from "../../core/records/crash-journal.ts";
import type { CrashJournal } from "../../core/records/crash-journal.ts";
import type { Ledger } from "../../ports.ts";
import { attemptOf } from "../delivery.ts";
import type { ChunkDelivery } from "../delivery.ts";
import { ItemDied } from "../../runner/poison/item-died.ts";
import type { ChunksReply, ChunksRequest, Runner } from "../../runner/runner.ts";

/** To quarantine an item is progress: it costs none of the chunk's attempts. */
export async function runSuspects(
  ledger: Ledger,
  runner: Runner,
  request: Omit<ChunksRequest, "careful">,
  deliveries: readonly ChunkDelivery[],
): Promise<ChunksReply> {
  const suspects = deliveries.filter(({ suspect }) => suspect);
  if (suspects.length === 0) return runner.chunks({ ...request, careful: null });
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

/** False if there is nobody to quarantine: an item is quarantined once, and not run again. */
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
