/** A state directory, read by a process that need not own it. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";
import { openForReading } from "../sqlite/database.ts";
import { publishIfEnded } from "./publish.ts";

export const STATE_FILE = "state.db";
const REQUESTS = "requests";
const CANCEL = "cancel-";

export interface Directory {
  readonly ledger: Pick<Ledger, "read" | "list">;
  close(): void;
}

/** The committed records of `directory`; `null` if no batch ever ran there. Throws `DIRECTORY_UNUSABLE`. */
export function openDirectory(directory: string): Directory | null {
  const file = join(directory, STATE_FILE);
  if (!existsSync(file)) return null;
  const state = openForReading(file);
  const { ledger } = state;
  return {
    ledger: {
      async read(keys, options) {
        const records = await ledger.read(keys, options);
        records.forEach((fields, place) => tryToPublish(directory, keys[place] ?? "", fields));
        return records;
      },
      async list(prefix, after, limit, options) {
        const page = await ledger.list(prefix, after, limit, options);
        for (const { key, fields } of page) tryToPublish(directory, key, fields);
        return page;
      },
    },
    close: () => state.close(),
  };
}

/** The owner may have died between the commit and the publishing. */
function tryToPublish(directory: string, key: string, fields: Fields | null): void {
  try {
    publishIfEnded(directory, key, fields);
  } catch {
    // A process that may only read cannot repair.
  }
}

/** Leaves a request to cancel for the owner of the directory, which checks several times a second. */
export function requestCancel(directory: string, batch: string): void {
  const folder = join(directory, REQUESTS);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${CANCEL}${batch}`), "");
}

/** The batches that other processes want cancelled; each request is taken once. */
export function takeRequests(directory: string): string[] {
  const folder = join(directory, REQUESTS);
  // A file of that name is not the folder of requests.
  if (!existsSync(`${folder}/`)) return [];
  const requests = readdirSync(folder).filter((name) => name.startsWith(CANCEL));
  for (const name of requests) rmSync(join(folder, name), { force: true });
  return requests.map((name) => name.slice(CANCEL.length));
}
