/** A state directory, read by a process that need not own it. */
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../core/json/json.ts";
import { SETTING_NAMES } from "../../core/records/batch/settings.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import { prefixesOf } from "../../core/records/batch/batch-records.ts";
import type { Ledger } from "../../ports.ts";
import { isBatchId } from "../records/forms.ts";
import { openForReading } from "../sqlite/database.ts";
import { segmentFolder } from "../store/batch-segments.ts";
import { batchFolder } from "./files/batch-files.ts";
import { writing } from "../store/store-error.ts";
import { makeDirectory } from "./files/make-directory.ts";
import { checkOwnFiles, isIn, STATE_FILE } from "./files/own-files.ts";

const REQUESTS = "requests";

/** What another process may ask the owner of a directory to do with a batch. */
export type RequestKind = "cancel" | "pause" | "resume" | "set";
const KINDS = ["cancel", "pause", "resume", "set"] as const satisfies readonly RequestKind[];

export interface OwnerRequest {
  readonly kind: RequestKind;
  readonly batch: string;
  /** Of a request to set them. */
  readonly settings?: Settings;
}

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
 * Leaves a request for the owner of the directory, which checks several times a second. Throws
 * `DIRECTORY_UNUSABLE`.
 */
export function requestOfOwner(directory: string, { kind, batch, settings }: OwnerRequest): void {
  checkOwnFiles(directory);
  const folder = join(directory, REQUESTS);
  const request = join(folder, `${kind}-${batch}`);
  writing(request, () => {
    makeDirectory(folder);
    if (settings === undefined) {
      if (!existsSync(request)) writeFileSync(request, "", { flag: "wx" });
      return;
    }
    // The owner never reads a part of it.
    const whole = join(folder, `new-${batch}`);
    rmSync(whole, { force: true });
    writeFileSync(whole, JSON.stringify(settings), { flag: "wx" });
    renameSync(whole, request);
  });
}

/** Takes the requests about `batch` back, if there are any. */
export function dropRequests(directory: string, batch: string): void {
  for (const kind of KINDS) dropRequest(directory, { kind, batch });
}

function dropRequest(directory: string, { kind, batch }: OwnerRequest): void {
  rmSync(join(directory, REQUESTS, `${kind}-${batch}`), { force: true });
}

/** None if what was asked for cannot be read. */
function withSettings(folder: string, { kind, batch }: OwnerRequest): readonly OwnerRequest[] {
  try {
    const settings: unknown = JSON.parse(readFileSync(join(folder, `${kind}-${batch}`), "utf8"));
    if (!isObject(settings)) return [];
    const numbers = SETTING_NAMES.filter((name) => typeof settings[name] === "number");
    return [{ kind, batch, settings: Object.fromEntries(numbers.map((name) => [name, settings[name]])) }];
  } catch {
    return [];
  }
}

/** What other processes have asked for; each request is taken once. */
export function takeRequests(directory: string): OwnerRequest[] {
  const folder = join(directory, REQUESTS);
  // A file of that name is not the folder of requests.
  if (!existsSync(`${folder}/`)) return [];
  const names = readdirSync(folder);
  const requests = KINDS.flatMap((kind) => {
    const ofKind = names.filter((name) => name.startsWith(`${kind}-`));
    return ofKind.map((name) => ({ kind, batch: name.slice(kind.length + 1) }));
  })
    .filter(({ batch }) => isBatchId(batch))
    .flatMap((request) => (request.kind === "set" ? withSettings(folder, request) : request));
  for (const request of requests) dropRequest(directory, request);
  return requests;
}
