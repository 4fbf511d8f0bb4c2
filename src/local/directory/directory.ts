/** A state directory, read by a process that need not own it. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../ports.ts";
import { isBatchId } from "../records/forms.ts";
import { openForReading } from "../sqlite/database.ts";
import { writing } from "../store/store-error.ts";
import { makeDirectory } from "./make-directory.ts";
import { checkOwnFiles, isIn, STATE_FILE } from "./own-files.ts";

const REQUESTS = "requests";
const CANCEL = "cancel-";

export interface Directory {
  readonly ledger: Pick<Ledger, "read" | "list">;
  close(): void;
}

/**
 * The committed records of `directory`; `null` if no batch ever ran there. Reading them changes nothing in
 * the directory but SQLite's own files. Throws `DIRECTORY_UNUSABLE`.
 */
export function openDirectory(directory: string): Directory | null {
  checkOwnFiles(directory);
  return isIn(directory, STATE_FILE) ? openForReading(join(directory, STATE_FILE)) : null;
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

/** The batches that other processes want cancelled; each request is taken once. */
export function takeRequests(directory: string): string[] {
  const folder = join(directory, REQUESTS);
  // A file of that name is not the folder of requests.
  if (!existsSync(`${folder}/`)) return [];
  const batches = readdirSync(folder)
    .filter((name) => name.startsWith(CANCEL))
    .map((name) => name.slice(CANCEL.length))
    .filter(isBatchId);
  for (const batch of batches) rmSync(join(folder, `${CANCEL}${batch}`), { force: true });
  return batches;
}
