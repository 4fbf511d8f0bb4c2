/** `--dir`: where state and results live. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { batchFile } from "../../local/directory/publish.ts";
import { openDirectory } from "../../local/directory/directory.ts";
import type { Directory } from "../../local/directory/directory.ts";
import type { Locate } from "../../batch/files.ts";
import type { ReadFile } from "../batches.ts";

export const DEFAULT_DIRECTORY = ".fanjoin";

export interface DirectoryOption {
  readonly dir: string;
}

export function withDirectory(command: Command): Command {
  return command.option("--dir <dir>", "where state and results live", DEFAULT_DIRECTORY);
}

/** Absolute paths, so that a program may use them wherever it runs. */
export function locateIn({ dir }: DirectoryOption): Locate {
  return (batch, file) => resolve(batchFile(dir, batch, file));
}

export function filesIn({ dir }: DirectoryOption): ReadFile {
  return (batch, file) => createReadStream(batchFile(dir, batch, file)) as AsyncIterable<Uint8Array>;
}

/** The directory, to be looked at without owning it; an empty one where nothing ever ran. */
export function openToLook({ dir }: DirectoryOption): Directory {
  return openDirectory(dir) ?? EMPTY;
}

export async function look<T>(
  option: DirectoryOption,
  at: (ledger: Directory["ledger"]) => Promise<T>,
): Promise<T> {
  const directory = openToLook(option);
  try {
    return await at(directory.ledger);
  } finally {
    directory.close();
  }
}

const EMPTY: Directory = {
  ledger: { read: async (keys) => keys.map(() => null), list: async () => [] },
  close() {},
};
