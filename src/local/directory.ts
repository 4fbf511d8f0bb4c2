/** A state directory, looked at by a process that need not own it. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../ports.ts";
import { openForReading } from "./database.ts";

export const STATE_FILE = "state.db";
const REQUESTS = "requests";
const CANCEL = "cancel-";

export interface Directory {
  readonly ledger: Pick<Ledger, "read" | "list">;
  close(): void;
}

/** What is committed in `directory`; `null` if nothing ever ran there. Throws `DIRECTORY_UNUSABLE`. */
export function openDirectory(directory: string): Directory | null {
  const file = join(directory, STATE_FILE);
  return existsSync(file) ? openForReading(file) : null;
}

/** Leaves a request to cancel for the owner of the directory, who looks several times a second. */
export function requestCancel(directory: string, batch: string): void {
  const folder = join(directory, REQUESTS);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${CANCEL}${batch}`), "");
}

/** The batches that other processes want cancelled; each request is taken once. */
export function takeRequests(directory: string): string[] {
  const folder = join(directory, REQUESTS);
  if (!existsSync(folder)) return [];
  const requests = readdirSync(folder).filter((name) => name.startsWith(CANCEL));
  for (const name of requests) rmSync(join(folder, name), { force: true });
  return requests.map((name) => name.slice(CANCEL.length));
}

/** Where a batch's file is on disk. */
export function batchFile(
  directory: string,
  batch: string,
  file: "result.json" | "outputs.jsonl" | "failed.jsonl",
): string {
  return join(directory, "batches", batch, file);
}
