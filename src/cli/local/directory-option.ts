/** `--dir`: the directory with state and results. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { LocateFile } from "../../batch/files.ts";
import { openDirectory } from "../../local/directory/directory.ts";
import type { Directory } from "../../local/directory/directory.ts";
import { batchFile } from "../../local/directory/publish.ts";
import type { ReadFile } from "../batches.ts";

export const DEFAULT_DIRECTORY = ".fanjoin";

export interface DirectoryOption {
  readonly dir: string;
}

export function withDirectory(command: Command): Command {
  return command.option("--dir <dir>", "directory for state and results", DEFAULT_DIRECTORY);
}

/** Absolute paths, so that a program can use them from any working directory. */
export function locateIn({ dir }: DirectoryOption): LocateFile {
  return (batch, file) => resolve(batchFile(dir, batch, file));
}

export function filesIn({ dir }: DirectoryOption): ReadFile {
  return (batch, file) => createReadStream(batchFile(dir, batch, file)) as AsyncIterable<Uint8Array>;
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
