/** One object from many pieces: written beside its place, synced, and put there by a rename. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { Piece, Segment } from "../../core/records/contribution.ts";
import { syncPaths } from "./segments.ts";
import { notFound, unwritable } from "./store-error.ts";
import { openForReading } from "./open-file.ts";
import type { OpenFile } from "./open-file.ts";

const BUFFER_BYTES = 1024 * 1024;
/**
 * Segment files that are kept open: there is one for each thread, and a batch may have been resumed a few
 * times.
 */
const OPEN_FILES = 32;

let temporaries = 0;

/** Returns the size of the object. */
export async function compose(
  path: string,
  pieces: AsyncIterable<Piece>,
  pathOf: (name: string) => string,
): Promise<number> {
  const temporary = `${path}.${process.pid}-${++temporaries}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const size = await writeWhole(temporary, pieces, pathOf);
    await rename(temporary, path);
    await syncPaths([dirname(path)]);
    return size;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, error);
  }
}

async function writeWhole(
  path: string,
  pieces: AsyncIterable<Piece>,
  pathOf: (name: string) => string,
): Promise<number> {
  const file = await open(path, "wx");
  const sources = openSources(pathOf);
  try {
    const output = bufferedOutput(file);
    for await (const piece of joinNeighbours(pieces)) {
      if ("text" in piece) await output.text(piece.text);
      else await output.segment(piece, sources.open(piece.name));
    }
    const size = await output.end();
    await file.sync();
    return size;
  } finally {
    sources.close();
    await file.close();
  }
}

/**
 * Segments that continue each other in one file are one segment: a thread writes its chunks one after the
 * other.
 */
async function* joinNeighbours(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let held = null as Segment | null;
  for await (const piece of pieces) {
    const segment: Segment | null = "text" in piece ? null : piece;
    if (segment !== null && held !== null && follows(held, segment)) {
      held = { ...held, length: held.length + segment.length };
      continue;
    }
    if (segment?.length === 0) continue;
    if (held !== null) yield held;
    if (segment === null) yield piece;
    held = segment;
  }
  if (held !== null) yield held;
}

function follows(one: Segment, next: Segment): boolean {
  return one.name === next.name && one.offset + one.length === next.offset;
}

interface Output {
  text(text: string): Promise<void>;
  segment(segment: Segment, source: OpenFile): Promise<void>;
  /** Returns how many bytes were written. */
  end(): Promise<number>;
}

function bufferedOutput(file: FileHandle): Output {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let used = 0;
  let size = 0;

  async function flush(): Promise<void> {
    for (let done = 0; done < used;) {
      done += (await file.write(buffer, done, used - done, size + done)).bytesWritten;
    }
    size += used;
    used = 0;
  }

  /** Fills the buffer, as often as it takes, with `length` bytes. */
  async function fill(
    length: number,
    copy: (into: Uint8Array, from: number) => number | Promise<number>,
  ): Promise<void> {
    for (let done = 0; done < length;) {
      if (used === BUFFER_BYTES) await flush();
      const into = buffer.subarray(used, Math.min(BUFFER_BYTES, used + length - done));
      const copied = await copy(into, done);
      done += copied;
      used += copied;
    }
  }

  return {
    async text(text) {
      const bytes = Buffer.from(text);
      await fill(bytes.length, (into, from) => bytes.copy(into, 0, from));
    },
    async segment({ name, offset, length }, source) {
      await fill(length, async (into, from) => {
        const read = await source.read(into, offset + from);
        if (read < into.length) throw notFound(`${name} with ${offset + length} bytes`);
        return read;
      });
    },
    async end() {
      await flush();
      return size;
    },
  };
}

/** The files that segments are in, opened as they are met. */
function openSources(pathOf: (name: string) => string) {
  const files = new Map<string, OpenFile>();

  function close(name: string, file: OpenFile): void {
    files.delete(name);
    file.close();
  }

  return {
    open(name: string): OpenFile {
      const known = files.get(name);
      if (known !== undefined) return known;
      for (const [oldest, file] of files) {
        if (files.size < OPEN_FILES) break;
        close(oldest, file);
      }
      const file = openForReading(pathOf(name));
      files.set(name, file);
      return file;
    },
    close() {
      for (const [name, file] of files) close(name, file);
    },
  };
}
