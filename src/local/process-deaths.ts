/** What a process that died had open is counted against those chunks: no evidence, but a reason to be careful. */
import { countDeath, journalPrefix } from "../core/journal.ts";
import type { Ledger } from "../ports.ts";
import { journalFiles, readJournalFile, removeJournalFile } from "./journal-file.ts";

/** To be called by a new owner of `directory`, before it starts threads. `committed` resolves once what was written to the ledger is durable. */
export async function countProcessDeaths(
  directory: string,
  ledger: Pick<Ledger, "update">,
  committed: () => Promise<void>,
): Promise<void> {
  const names = journalFiles(directory);
  if (names.length === 0) return;
  for (const name of names) {
    for (const { batch, generation, chunks } of readJournalFile(directory, name)) {
      for (const chunk of chunks) await ledger.update(countDeath({ batch, generation, chunk }));
    }
  }
  await committed();
  for (const name of names) removeJournalFile(directory, name);
}

/** Journals looked at in one page. */
const PAGE = 200;

/** The keys of all journals of a batch: its chunks under which something died. */
export async function journalKeys(ledger: Pick<Ledger, "list">, batch: string): Promise<string[]> {
  const keys: string[] = [];
  for (let after: string | null = null; ;) {
    const page: { key: string }[] = await ledger.list(journalPrefix(batch), after, PAGE);
    for (const { key } of page) keys.push(key);
    after = page.at(-1)?.key ?? null;
    if (after === null || page.length < PAGE) return keys;
  }
}
