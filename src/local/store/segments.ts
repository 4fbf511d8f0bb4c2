/**
 * Objects of fanjoin's own, appended to one segment file for each thread. A name is file, offset, length.
 *
 * An object is held in memory until it is closed, so that objects which are written at the same time do not
 * mix; one that grows large goes to a file of its own.
 */
import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Segment } from "../../core/records/contribution.ts";
import { checksum } from "../../checksum.ts";
import type { ObjectWriter } from "../../ports.ts";
import { makeDirectory } from "../directory/files/make-directory.ts";
import { writing } from "./store-error.ts";

/** The most that one writer holds in memory. */
const HELD_BYTES = 1024 * 1024;
const CLOSED = Buffer.alloc(0);
const FIRST_BYTES = 16 * 1024;
/** Buffers that are kept for the next writers. */
const SPARE_BUFFERS = 4;
/** UTF-8 takes at most three bytes for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

export interface Segments {
  create(): ObjectWriter;
  touched(): string[];
  /** Closes the shared file. The next object opens it again. */
  close(): void;
}

/** Buffers for the next writers. */
export type SpareBuffers = Buffer[];

/** Appends to the file `shared` below `directory`. No other store may write to that file. */
export function createSegments(directory: string, shared: string, spare: SpareBuffers): Segments {
  const touched = new Set<string>();
  let fd: number | null = null;
  let length = 0;
  let spilled = 0;

  function pathOf(file: string): string {
    return join(directory, file);
  }

  function begin(file: string): string {
    const path = pathOf(file);
    makeDirectory(dirname(path));
    // The folder of the batch may be new, too.
    touched.add(dirname(path)).add(dirname(dirname(path)));
    return path;
  }

  function append(bytes: Uint8Array): Segment {
    fd ??= length === 0 ? openSync(begin(shared), "wx") : openSync(pathOf(shared), "r+");
    const offset = length;
    // At a position, not at the end: the next write overwrites the remains of a failed one.
    for (let done = 0; done < bytes.length;) {
      done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    }
    length += bytes.length;
    touched.add(pathOf(shared));
    return { name: shared, offset, length: bytes.length, crc: checksum(bytes) };
  }

  function place(bytes: Uint8Array): Segment {
    if (bytes.length === 0) return { name: shared, offset: 0, length: 0 };
    return writing(pathOf(shared), () => append(bytes));
  }

  function spill(own: string | null, bytes: Uint8Array): string {
    const file = own ?? `${shared}-${++spilled}`;
    const path = own === null ? begin(file) : pathOf(file);
    appendFileSync(path, bytes, { flag: own === null ? "ax" : "a" });
    touched.add(path);
    return file;
  }

  function create(): ObjectWriter {
    let buffer = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    let used = 0;
    /** The file of its own, once it has one. */
    let own: string | null = null;
    let written = 0;
    let crc = 0;

    function flush(bytes: Uint8Array): void {
      own = writing(pathOf(shared), () => spill(own, bytes));
      written += bytes.length;
      crc = checksum(bytes, crc);
    }

    /** Room for `bytes` more in the buffer; false if they are too many for any. */
    function room(bytes: number): boolean {
      if (used + bytes <= buffer.length) return true;
      if (used > 0 && used + bytes > HELD_BYTES) {
        flush(buffer.subarray(0, used));
        used = 0;
      }
      if (bytes > HELD_BYTES) return false;
      if (used + bytes > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(
          Math.min(HELD_BYTES, Math.max(2 * buffer.length, used + bytes)),
        );
        buffer.copy(larger, 0, 0, used);
        buffer = larger;
      }
      return true;
    }

    return {
      async write(data) {
        if (typeof data !== "string") {
          if (!room(data.length)) return flush(data);
          buffer.set(data, used);
          used += data.length;
        } else if (used + data.length * BYTES_PER_UNIT <= buffer.length || room(Buffer.byteLength(data))) {
          used += buffer.write(data, used);
        } else {
          flush(Buffer.from(data));
        }
      },
      async close() {
        const bytes = buffer.subarray(0, used);
        if (own !== null && bytes.length > 0) flush(bytes);
        const segment = own === null ? place(bytes) : { name: own, offset: 0, length: written, crc };
        if (spare.length < SPARE_BUFFERS) spare.push(buffer);
        buffer = CLOSED;
        used = 0;
        return segment;
      },
    };
  }

  return {
    create,
    touched() {
      const paths = [...touched];
      touched.clear();
      return paths;
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}
