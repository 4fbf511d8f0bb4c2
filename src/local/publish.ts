/** The files of an ended batch get the names that users know, after the commit that names them; what a crash left undone is repaired. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { hasEnded } from "../core/batch.ts";
import type { Fields } from "../core/record.ts";
import type { Ledger } from "../ports.ts";
import type { Files } from "../steps/runner.ts";
import { batchFile } from "./batch-file.ts";

/** Batches looked at in one page. */
const PAGE = 500;

export function publish(directory: string, batch: string, fields: Fields): void {
  const files = fields["result"] as unknown as Files | null;
  if (!files) return;
  publishFile(directory, files.result, batchFile(directory, batch, "result.json"));
  publishFile(directory, files.outputs, batchFile(directory, batch, "outputs.jsonl"));
  publishFile(directory, files.failed, batchFile(directory, batch, "failed.jsonl"));
}

function publishFile(directory: string, file: { readonly name: string } | null, path: string): void {
  if (!file) return;
  const written = join(directory, file.name);
  try {
    renameSync(written, path);
  } catch (error) {
    // It was published before, or somebody else does it at this moment.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

export async function repair(directory: string, ledger: Pick<Ledger, "list">): Promise<void> {
  for (let after: string | null = null; ;) {
    const page: { key: string; fields: Fields }[] = await ledger.list("batch/", after, PAGE);
    for (const { key, fields } of page) {
      if (hasEnded(fields)) publish(directory, key.slice("batch/".length), fields);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
  }
}
