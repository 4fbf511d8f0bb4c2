/** `--dir`: the directory with state and results. */
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { BatchFileName, BatchFiles, LocateFile } from "../../batch/files.ts";
import { readBatch } from "../../batch/spec.ts";
import { openDirectory } from "../../local/directory/directory.ts";
import type { Directory } from "../../local/directory/directory.ts";
import { presentFile, readBatchFile } from "../../local/directory/batch-files.ts";
import type { ReadFile } from "../batches.ts";

export const DEFAULT_DIRECTORY = ".fanjoin";

export interface DirectoryOption {
  readonly dir: string;
}

export function withDirectory(command: Command): Command {
  return command.option("--dir <dir>", "directory for state and results", notEmpty, DEFAULT_DIRECTORY);
}

function notEmpty(dir: string): string {
  if (dir !== "") return dir;
  throw new InvalidArgumentError("It is empty: name a directory.");
}

/** Absolute paths, so that a program can use them from any working directory. */
export function locateIn({ dir }: DirectoryOption): LocateFile {
  return (batch, file, stored) => resolve(presentFile(dir, batch, { file, stored }));
}

const FIELDS = {
  "result.json": "result",
  "outputs.jsonl": "outputs",
  "failed.jsonl": "failed",
} as const satisfies Record<BatchFileName, keyof BatchFiles>;

/** The files that the ledger names, also while they are not published yet. */
export function filesIn(option: DirectoryOption): ReadFile {
  return async function* (batch, file) {
    const fields = await readDirectory(option, (ledger) => readBatch(ledger, batch));
    const files = (fields?.["result"] ?? null) as unknown as BatchFiles | null;
    const stored = files?.[FIELDS[file]]?.name;
    const value = file === "result.json" ? files?.result?.value : undefined;
    if (stored !== undefined) yield* readBatchFile(option.dir, batch, { file, stored, value });
  };
}

/** Opens the directory for reading, without owning it. A directory without state is empty. */
export function openReadOnly({ dir }: DirectoryOption): Directory {
  return openDirectory(dir) ?? EMPTY;
}

export async function readDirectory<T>(
  option: DirectoryOption,
  read: (ledger: Directory["ledger"]) => Promise<T>,
): Promise<T> {
  const directory = openReadOnly(option);
  try {
    return await read(directory.ledger);
  } finally {
    directory.close();
  }
}

const EMPTY: Directory = {
  ledger: { read: async (keys) => keys.map(() => null), list: async () => [] },
  close() {},
};
