/** One object from many pieces: written beside its place, put there by a rename, and synced. */
import { closeSync, openSync, renameSync, rmSync, write, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { changedBytes, checksum, follows, joinSegments, placeOf } from "../../checksum.ts";
import type { Piece, Segment } from "../../core/records/contribution.ts";
import { makeDirectory } from "../directory/files/make-directory.ts";
import { refuseLink } from "../directory/files/own-files.ts";
import { syncDirectory, syncFile } from "./sync.ts";
import { notFound, unwritable } from "./store-error.ts";
import { openOwnForReading } from "./open-file.ts";
import type { OpenFile } from "./open-file.ts";

const writeLater = promisify(write);

const FIRST_BYTES = 64 * 1024;
/** The buffer of an object that is larger than `FIRST_BYTES`. */
const BUFFER_BYTES = 1024 * 1024;
/**
 * Segment files that are kept open: there is one for each thread, and a batch may have been resumed a few
 * times.
 */
const OPEN_FILES = 32;

let temporaries = 0;

export interface ComposeOptions {
  readonly pathOf: (name: string) => string;
  /** The object has to survive a power cut. */
  readonly synced: boolean;
}

/** Returns the size of the object. If it is synced, it is on disk then. */
export async function compose(
  path: string,
  pieces: AsyncIterable<Piece>,
  { pathOf, synced }: ComposeOptions,
): Promise<number> {
  let written = `${path}.${process.pid}-${++temporaries}.new`;
  try {
    makeDirectory(dirname(path));
    refuseLink(dirname(path));
    const fd = openSync(written, "wx");
    try {
      const size = await writeWhole(fd, pieces, pathOf);
      renameSync(written, path);
      written = path;
      // Synced after it was renamed: a journaling file system writes the name with the contents, and then has
      // nothing left to write for the directory. Nothing refers to the name until this is done.
      if (synced) {
        await syncFile(fd, size);
        syncDirectory(dirname(path));
      }
      return size;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    removeIfThere(written);
    throw unwritable(path, error);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next owner of the directory removes it.
  }
}

async function writeWhole(
  fd: number,
  pieces: AsyncIterable<Piece>,
  pathOf: (name: string) => string,
): Promise<number> {
  const sources = openSources(pathOf);
  const output = bufferedOutput(fd);
  try {
    for await (const piece of joinNeighbours(pieces)) {
      if ("text" in piece) await output.text(piece.text);
      else await output.segment(piece, sources.open(piece.name));
    }
    return await output.end();
  } finally {
    sources.close();
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
      held = joinSegments(held, segment);
      continue;
    }
    if (segment?.length === 0) continue;
    if (held !== null) yield held;
    if (segment === null) yield piece;
    held = segment;
  }
  if (held !== null) yield held;
}

interface Output {
  text(text: string): Promise<void>;
  segment(segment: Segment, source: OpenFile): Promise<void>;
  /** Returns how many bytes were written. */
  end(): Promise<number>;
}

function bufferedOutput(fd: number): Output {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let used = 0;
  let size = 0;

  async function flush(): Promise<void> {
    for (let done = 0; done < used;) done += await writeSome(fd, buffer.subarray(done, used), size + done);
    size += used;
    used = 0;
  }

  async function makeRoom(): Promise<void> {
    if (buffer.length === BUFFER_BYTES) return flush();
    const larger = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    buffer.copy(larger, 0, 0, used);
    buffer = larger;
  }

  /** Fills the buffer, as often as it takes, with `length` bytes. */
  async function fill(
    length: number,
    copy: (into: Uint8Array, from: number) => number | Promise<number>,
  ): Promise<void> {
    for (let done = 0; done < length;) {
      if (used === buffer.length) await makeRoom();
      const into = buffer.subarray(used, Math.min(buffer.length, used + length - done));
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
    async segment(segment, source) {
      const { name, offset, length, crc } = segment;
      let sum = 0;
      await fill(length, async (into, from) => {
        const read = await source.read(into, offset + from);
        if (read < into.length) throw notFound(`${name} with ${offset + length} bytes`);
        if (crc !== undefined) sum = checksum(into, sum);
        return read;
      });
      if (crc !== undefined && sum !== crc) throw changedBytes(placeOf(segment));
    },
    async end() {
      await flush();
      return size;
    },
  };
}

/** Little is written at once: asking a thread of the pool would take longer. */
async function writeSome(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  if (bytes.length <= FIRST_BYTES) return writeSync(fd, bytes, 0, bytes.length, position);
  return (await writeLater(fd, bytes, 0, bytes.length, position)).bytesWritten;
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
      const file = openOwnForReading(pathOf(name));
      files.set(name, file);
      return file;
    },
    close() {
      for (const [name, file] of files) close(name, file);
    },
  };
}
