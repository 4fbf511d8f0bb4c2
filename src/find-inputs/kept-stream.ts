/** A stream as an input: it is copied into a file first, so that the batch can be resumed. */
import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FanjoinError } from "../core/errors/errors.ts";
import type { InputStream } from "../door/fanjoin.ts";
import { makeDirectory } from "../local/directory/files/make-directory.ts";
import { partOf } from "../local/directory/files/orphans.ts";
import { openForReading } from "../local/store/open-file.ts";
import { unwritable } from "../local/store/store-error.ts";
import { syncPaths } from "../local/store/sync.ts";

export interface KeptStream {
  readonly bytes: number;
  /** With a seal. */
  readonly version: string;
  /** Equal for equal bytes. */
  readonly fingerprint: string;
  /** Deletes the copy, and the folder that was made for it. */
  discard(): Promise<void>;
}

/**
 * Copies a stream to its end into a new file at `path`, in a folder of its own. Throws `INPUT_INVALID` if it
 * cannot be read, `DIRECTORY_UNUSABLE`, and what the stream throws by itself.
 */
export async function keepStream({ name, bytes }: InputStream, path: string): Promise<KeptStream> {
  const discard = async (): Promise<void> => rm(dirname(path), { recursive: true, force: true });
  try {
    const fingerprint = await copy(bytes, path);
    return { ...stat(path), fingerprint, discard };
  } catch (error) {
    await discard().catch(() => undefined);
    if (error instanceof FanjoinError) throw error;
    throw isWriteError(error, path) ? unwritable(path, error) : unreadable(name, error);
  }
}

/** Whether the error is that of a file here. That of a stream has no path, or another one. */
function isWriteError(error: unknown, path: string): boolean {
  if (!(error instanceof Error && "syscall" in error)) return false;
  return error.syscall !== "read" || ("path" in error && String(error.path).startsWith(path));
}

function unreadable(name: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error)) return error;
  const what = name === "-" ? "standard input" : name;
  return new FanjoinError("INPUT_INVALID", `${what} cannot be read: ${error.message}`, { cause: error });
}

/** Returns the hash of the copied bytes. */
async function copy(stream: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  makeDirectory(dirname(path));
  // If this process is killed, the next owner of the directory deletes the incomplete copy.
  const part = partOf(path);
  const file = await open(part, "wx");
  const hash = createHash("sha256");
  try {
    for await (const block of stream) {
      hash.update(block);
      await file.writeFile(block);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncPaths([dirname(path), dirname(dirname(path))]);
  return hash.digest("base64url");
}

function stat(path: string): { readonly bytes: number; readonly version: string } {
  const file = openForReading(path);
  try {
    return { bytes: file.stat().bytes, version: file.sealed() };
  } finally {
    file.close();
  }
}
