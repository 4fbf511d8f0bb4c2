/**
 * Gives the files of an ended batch the names that users know, after the commit that names them. Only the
 * owner of a directory does this. A later start repairs the work of one that crashed.
 */
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { batchIn, generationOf, hasEnded } from "../../../core/records/batch/batch.ts";
import type { Fields } from "../../../core/records/record.ts";
import type { Ledger } from "../../../ports.ts";
import { allBatches } from "../../../batch/list.ts";
import { filesOf, outputsFolderOf } from "../../../batch/summary/files.ts";
import type { BatchFileName, BatchFiles } from "../../../batch/summary/files.ts";
import { batchId, resultName } from "../../records/forms.ts";
import { writing } from "../../store/store-error.ts";
import { batchFile, batchFolder, outputsFolder, resultFileText } from "./batch-files.ts";
import { refuseLink } from "./own-files.ts";

const PUBLISHED = {
  result: "result.json",
  outputs: "outputs.jsonl",
  failed: "failed.jsonl",
} as const satisfies Record<keyof BatchFiles, BatchFileName>;

/** Made on demand, of the batch as it was then. */
const REPORTS = ["report.html", "report.json"] as const;

/** Throws `DIRECTORY_UNUSABLE` for a name of another form than the batch's files have. */
export function publish(directory: string, batch: string, fields: Fields): void {
  const files = filesOf(fields);
  if (!files) return;
  if (batchId(batch) !== null) throw misnamed(directory, batch);
  const folder = batchFolder(directory, batch);
  refuseLink(folder);
  if (generationOf(fields) > 0 && !isPublished(directory, batch, files))
    for (const report of REPORTS) writing(folder, () => rmSync(join(folder, report), { force: true }));
  for (const [file, published] of Object.entries(PUBLISHED) as [keyof BatchFiles, BatchFileName][]) {
    const name = files[file]?.name ?? null;
    if (name !== null && resultName(batch, file)(name) !== null) throw misnamed(directory, name);
    // A redrive's files are complete: delete those it did not produce (e.g. failed.jsonl).
    if (name !== null || generationOf(fields) > 0)
      publishFile(directory, name, batchFile(directory, batch, published));
    if (file === "outputs") publishOutputsFolder(directory, batch, files.outputs);
  }
}

/** Whether its files have the names that users know, and there are no others. */
function isPublished(directory: string, batch: string, files: BatchFiles): boolean {
  return (Object.entries(PUBLISHED) as [keyof BatchFiles, BatchFileName][]).every(([file, published]) => {
    const { name } = files[file] ?? {};
    return !existsSync(name === undefined ? batchFile(directory, batch, published) : join(directory, name));
  });
}

/**
 * Publishes the files of the batch whose record is at `key`, if that is an ended batch: a reported result can
 * then be found.
 */
export function publishIfEnded(directory: string, key: string, fields: Fields | null): void {
  const batch = batchIn(key);
  if (fields && batch !== null && hasEnded(fields)) publish(directory, batch, fields);
}

/** `name`: as the record has it, below `directory`. */
function publishFile(directory: string, name: string | null, path: string): void {
  if (name === null) return writing(path, () => rmSync(path, { force: true }));
  const written = join(directory, name);
  // It is nearly always published already, and a check is cheaper than a failure.
  if (!existsSync(written)) return;
  writing(path, () => {
    try {
      renameSync(written, path);
    } catch (error) {
      // Another thread of this process publishes it at this moment.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  });
}

/** The files of outputs by key. A folder of an earlier generation goes. */
function publishOutputsFolder(directory: string, batch: string, outputs: BatchFiles["outputs"]): void {
  const path = outputsFolder(directory, batch);
  const written = outputs?.files === undefined ? null : join(directory, outputsFolderOf(outputs.name));
  if (written === null ? !existsSync(path) : !existsSync(written)) return;
  writing(path, () => {
    rmSync(path, { recursive: true, force: true });
    if (written !== null) renameSync(written, path);
  });
}

function misnamed(directory: string, name: string): FanjoinError {
  return new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `The state in ${directory} is damaged, or fanjoin did not write it: ${JSON.stringify(name)} is not the name of a batch's file. Nothing was changed. Use another --dir.`,
  );
}

/**
 * For a new owner of the directory. `since`: when the oldest end may have been whose result is not on disk
 * yet.
 */
export async function repair(directory: string, ledger: Pick<Ledger, "list">, since: number): Promise<void> {
  for await (const { batch, fields } of allBatches(ledger)) {
    if (!hasEnded(fields)) continue;
    publish(directory, batch, fields);
    if (Number(fields["endedAt"]) >= since) restoreResult(directory, batch, fields);
  }
}

/**
 * A small result is in the record of its batch, so its file is not synced. Writes it again if a power cut
 * took it, or a part of it. A folder that is gone was taken away by its user.
 */
function restoreResult(directory: string, batch: string, fields: Fields): void {
  const { value } = filesOf(fields)?.result ?? {};
  if (value === undefined || !existsSync(batchFolder(directory, batch))) return;
  const path = batchFile(directory, batch, PUBLISHED.result);
  const text = resultFileText(value);
  if (contentOf(path) === text) return;
  writing(path, () => {
    rmSync(`${path}.new`, { force: true });
    writeFileSync(`${path}.new`, text, { flag: "wx", flush: true });
    renameSync(`${path}.new`, path);
  });
}

/** `null` if there is no such file, or if it is a link. */
function contentOf(path: string): string | null {
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? writing(path, () => readFileSync(path, "utf8")) : null;
}
