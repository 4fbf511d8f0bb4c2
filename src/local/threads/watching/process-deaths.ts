/**
 * Counts the death of a process against the chunks that it had open. One death is not evidence, two are a
 * reason to be careful.
 */
import {
  countDeath,
  isSuspicious,
  journalPrefix,
  parseCrashJournal,
} from "../../../core/records/attempts/crash-journal.ts";
import type { Ledger } from "../../../ports.ts";
import { allRecords } from "../../../batch/list.ts";
import { threadJournals, readThreadJournal, removeThreadJournal } from "../thread-journal.ts";

/**
 * To be called by a new owner of `directory`, before it starts threads. `committed` resolves once all writes
 * to the ledger are durable.
 */
export async function countProcessDeaths(
  directory: string,
  ledger: Pick<Ledger, "update">,
  committed: () => Promise<void>,
): Promise<void> {
  const names = threadJournals(directory);
  if (names.length === 0) return;
  for (const name of names) {
    for (const { batch, generation, chunks, parts = [] } of readThreadJournal(directory, name)) {
      for (const [place, chunk] of chunks.entries()) {
        const part = parts[place];
        const of = { batch, generation, chunk, ...(typeof part === "number" ? { part } : {}) };
        await ledger.update(countDeath(of));
      }
    }
  }
  await committed();
  for (const name of names) removeThreadJournal(directory, name);
}

/** The journals of chunks of a batch that are to be run with care, by their keys. */
export async function suspiciousKeys(ledger: Pick<Ledger, "list">, batch: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, fields } of allRecords(ledger, journalPrefix(batch)))
    if (isSuspicious(parseCrashJournal(fields))) keys.push(key);
  return keys;
}
