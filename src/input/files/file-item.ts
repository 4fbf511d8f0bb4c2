/** One file as an item, read on demand. */
import { isUtf8 } from "node:buffer";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../reader.ts";

interface FileFacts {
  /** As named on the command line, or below a directory that is named there. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * A file that is read on demand. All three methods fail if the file has changed since the batch was planned.
 */
export interface FileItem extends FileFacts {
  /**
   * Its text: UTF-8, up to 256 MiB; a leading byte order mark is left out. Rejects if it is not valid UTF-8.
   */
  text(): Promise<string>;
  /** Its bytes, up to 256 MiB. */
  bytes(): Promise<Uint8Array>;
  /** Its bytes in blocks of any size. Ends with an error when the batch ends or the process stops. */
  stream(): AsyncIterable<Uint8Array>;
}

/** A file with its text. */
export interface FileText extends FileFacts {
  readonly text: string;
}

/** A file with its bytes. */
export interface FileBytes extends FileFacts {
  readonly bytes: Uint8Array;
}

/**
 * Larger files are for `stream()`: their text is close to the length limit of a string, and several files are
 * in memory at once.
 */
const MAX_WHOLE_BYTES = 256 * 1024 * 1024;

export function factsOf({ label, size }: Source): FileFacts {
  return {
    path: label,
    name: label.slice(Math.max(label.lastIndexOf("/"), label.lastIndexOf("\\")) + 1),
    size,
  };
}

function unreadable(what: string): FanjoinError {
  return new FanjoinError("ITEM_UNREADABLE", what);
}

/** Throws `ITEM_UNREADABLE` if the file is too large, and the errors of the store. */
export async function bytesOf(blocks: AsyncIterable<Uint8Array>, { size }: Source): Promise<Uint8Array> {
  if (size > MAX_WHOLE_BYTES) {
    const limit = MAX_WHOLE_BYTES / 1024 / 1024;
    throw unreadable(
      `has ${size} bytes, more than ${limit} MiB: read it in blocks, with files() and stream()`,
    );
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}

/** Throws `ITEM_UNREADABLE`. */
export function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw unreadable("is not valid UTF-8: take its bytes instead, with bytes()");
  return new TextDecoder().decode(bytes);
}

export function blocksOf({ name, size, version }: Source, store: ObjectStore): AsyncIterable<Uint8Array> {
  return store.read(name, 0, size, version);
}

/** Ends a stream that its consumer has abandoned. */
async function* until(
  signal: AbortSignal | undefined,
  blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  for await (const block of blocks) {
    yield block;
    signal?.throwIfAborted();
  }
}

export function fileItem(file: Source, store: ObjectStore, signal: AbortSignal | undefined): FileItem {
  const stream = (): AsyncGenerator<Uint8Array> => until(signal, blocksOf(file, store));
  const bytes = (): Promise<Uint8Array> => bytesOf(stream(), file);
  return { ...factsOf(file), stream, bytes, text: async () => textOf(await bytes()) };
}
