/** A state directory, read by a process that need not own it. */
import { existsSync, lstatSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prefixesOf } from "../../core/records/batch-records.ts";
import type { Ledger } from "../../ports.ts";
import { isBatchId } from "../records/forms.ts";
import { openForReading } from "../sqlite/database.ts";
import { segmentFolder } from "../store/batch-segments.ts";
import { batchFolder } from "./batch-files.ts";
import { writing } from "../store/store-error.ts";
import { makeDirectory } from "./make-directory.ts";
import { checkOwnFiles, isIn, STATE_FILE } from "./own-files.ts";

const REQUESTS = "requests";
const CANCEL = "cancel-";

export interface Directory {
  readonly ledger: Pick<Ledger, "read" | "list">;
  /** The bytes that would be free without the batch: its files, and its records in the database. */
  bytesOf(batch: string): number;
  close(): void;
}

/**
 * The committed records of `directory`; `null` if no batch ever ran there. Reading them changes nothing in
 * the directory but SQLite's own files. Throws `DIRECTORY_UNUSABLE`.
 */
export function openDirectory(directory: string): Directory | null {
  checkOwnFiles(directory);
  if (!isIn(directory, STATE_FILE)) return null;
  const database = openForReading(join(directory, STATE_FILE));
  return {
    ledger: database.ledger,
    bytesOf(batch) {
      const records = prefixesOf(batch).map((prefix) => database.bytes(prefix));
      return records.reduce((sum, bytes) => sum + bytes, filesOf(directory, batch));
    },
    close: () => database.close(),
  };
}

function filesOf(directory: string, batch: string): number {
  return bytesIn(batchFolder(directory, batch)) + bytesIn(join(directory, segmentFolder(batch)));
}

/** The bytes of the files in a folder. A link is not followed. */
function bytesIn(folder: string): number {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return 0;
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => {
    return sum + (lstatSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

/**
 * Leaves a request to cancel for the owner of the directory, which checks several times a second. Throws
 * `DIRECTORY_UNUSABLE`.
 */
export function requestCancel(directory: string, batch: string): void {
  checkOwnFiles(directory);
  const folder = join(directory, REQUESTS);
  const request = join(folder, `${CANCEL}${batch}`);
  writing(request, () => {
    makeDirectory(folder);
    if (!existsSync(request)) writeFileSync(request, "", { flag: "wx" });
  });
}

/** Takes the request to cancel `batch` back, if there is one. */
export function takeRequest(directory: string, batch: string): void {
  rmSync(join(directory, REQUESTS, `${CANCEL}${batch}`), { force: true });
}

/** The batches that other processes want cancelled; each request is taken once. */
export function takeRequests(directory: string): string[] {
  const folder = join(directory, REQUESTS);
  // A file of that name is not the folder of requests.
  if (!existsSync(`${folder}/`)) return [];
  const batches = readdirSync(folder)
    .filter((name) => name.startsWith(CANCEL))
    .map((name) => name.slice(CANCEL.length))
    .filter(isBatchId);
  for (const batch of batches) takeRequest(directory, batch);
  return batches;
}
