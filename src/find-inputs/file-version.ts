/** A local file as an input: its version, which changes with its content, and its bytes. */
import { constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { identityOf } from "../input/sources/source-version.ts";
import type { Source } from "../input/reader.ts";
import { NEVER_WAIT } from "../local/directory/files/own-files.ts";
import { openForReading, statOf } from "../local/store/open-file.ts";

/** `null` if the file does not exist. */
export function versionOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? statOf(stats).version : null;
}

/** The bytes of a file, up to `end`. Nothing if it is a file no more: a pipe would be waited for. */
export async function* blocksOfFile(
  path: string,
  options: { readonly end?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | NEVER_WAIT);
  try {
    if (!(await file.stat()).isFile()) return;
    yield* file.createReadStream({ ...options, autoClose: false }) as AsyncIterable<Uint8Array>;
  } finally {
    await file.close();
  }
}

/**
 * The source with a seal in its version. As it is, if it cannot be read or has changed: its reader says so.
 */
export function sealedSource(path: string, source: Source): Source {
  try {
    const file = openForReading(path);
    try {
      file.stat(source.version);
      const version = file.sealed();
      return identityOf(version) === source.version ? { ...source, version } : source;
    } finally {
      file.close();
    }
  } catch {
    return source;
  }
}
