/** The records and files of a state directory, read by a process that need not own it. */
import { resolve } from "node:path";
import { filesOf, isOutputFileName, noOutputFile } from "../batch/summary/files.ts";
import type { BatchFileName, BatchFiles, LocateFile } from "../batch/summary/files.ts";
import { readBatch } from "../batch/spec.ts";
import { presentFile, readBatchFile, readOutputFile } from "../local/directory/files/batch-files.ts";
import { openDirectory } from "../local/directory/directory.ts";
import type { Directory } from "../local/directory/directory.ts";

/** Absolute paths, so that a program can use them from any working directory. */
export function locateIn(directory: string): LocateFile {
  return (batch, file, stored) => resolve(presentFile(directory, batch, { file, stored }));
}

const FIELDS = {
  "result.json": "result",
  "outputs.jsonl": "outputs",
  "failed.jsonl": "failed",
} as const satisfies Record<BatchFileName, keyof BatchFiles>;

/** A file that the ledger names, also while it is not published yet. */
export async function* readFileIn(
  directory: string,
  batch: string,
  file: BatchFileName,
): AsyncGenerator<Uint8Array> {
  const fields = await readDirectory(directory, (ledger) => readBatch(ledger, batch));
  const files = fields && filesOf(fields);
  const stored = files?.[FIELDS[file]]?.name;
  const value = file === "result.json" ? files?.result?.value : undefined;
  if (stored !== undefined) yield* readBatchFile(directory, batch, { file, stored, value });
}

/** A file of outputs by key. Throws `RESULT_UNKNOWN` if there is none of this name. */
export async function* readOutputFileIn(
  directory: string,
  batch: string,
  file: string,
): AsyncGenerator<Uint8Array> {
  const fields = await readDirectory(directory, (ledger) => readBatch(ledger, batch));
  const outputs = fields && filesOf(fields)?.outputs;
  if (!outputs?.files || !isOutputFileName(file)) throw noOutputFile(batch, file);
  yield* readOutputFile(directory, batch, { stored: outputs.name, file });
}

/** Opens the directory for reading, without owning it. A directory without state is empty. */
export function openReadOnly(directory: string): Directory {
  return openDirectory(directory) ?? EMPTY;
}

/** The bytes of a batch's files, and of its records. */
export function bytesOf(directory: string, batch: string): number {
  const opened = openReadOnly(directory);
  try {
    return opened.bytesOf(batch);
  } finally {
    opened.close();
  }
}

export async function readDirectory<T>(
  directory: string,
  read: (ledger: Directory["ledger"]) => Promise<T>,
): Promise<T> {
  const opened = openReadOnly(directory);
  try {
    return await read(opened.ledger);
  } finally {
    opened.close();
  }
}

/**
 * Reads a directory as `readDirectory` does. Reads that are under way at the same time share one look at it:
 * a list of batches is a hundred of them.
 */
export function directoryReader(directory: string, open = openReadOnly): Directory["ledger"] {
  let shared: Directory | null = null;
  let readers = 0;
  async function during<T>(read: (ledger: Directory["ledger"]) => Promise<T>): Promise<T> {
    shared ??= open(directory);
    readers++;
    try {
      return await read(shared.ledger);
    } finally {
      if (--readers === 0) {
        shared.close();
        shared = null;
      }
    }
  }
  return {
    read: (...asked) => during((ledger) => ledger.read(...asked)),
    list: (...asked) => during((ledger) => ledger.list(...asked)),
  };
}

const EMPTY: Directory = {
  ledger: { read: async (keys) => keys.map(() => null), list: async () => [] },
  bytesOf: () => 0,
  close() {},
};
