/**
 * Unpacks gzip members and zstd frames one after the other. Node's streams are driven by hand, because an
 * async iterator over one drops its buffered output on an error, and stops silently before another frame or
 * garbage.
 */
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Packing } from "./packing.ts";

/** Unpacked bytes held before the stream has to wait. */
const HELD_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

type Unpacker = ReturnType<typeof createGunzip | typeof createZstdDecompress>;

function unpackerOf(packing: Packing): Unpacker {
  const options = { chunkSize: CHUNK_BYTES };
  return packing === "gzip" ? createGunzip(options) : createZstdDecompress(options);
}

/** A fault, and the offset of the step in which it was found. */
export interface Fault {
  readonly error: unknown;
  readonly step: number;
  /** Packed bytes before the fault. */
  readonly good: number;
}

/** Unpacks `steps`. Returns the fault that ended it, `null` at the end of the source. */
export async function* unpackFrames(
  steps: AsyncIterable<Buffer>,
  packing: Packing,
): AsyncGenerator<Buffer, Fault | null> {
  let frame = openFrame(packing);
  let at = 0;
  let begun = 0;
  /** Between two frames: gzip allows zeros there. */
  let between = false;
  const fault = (error: unknown): Fault => ({ error, step: at, good: begun + frame.taken() });
  try {
    for await (const step of steps) {
      for (let rest = step; ;) {
        if (between && packing === "gzip") rest = withoutZeros(rest);
        if (rest.length === 0) break;
        if (between) begun = at + step.length - rest.length;
        between = false;
        const taken = frame.taken();
        yield* frame.write(rest);
        if (frame.error() !== null) return fault(frame.error());
        rest = rest.subarray(frame.taken() - taken);
        if (rest.length === 0) break;
        between = true;
        frame.close();
        frame = openFrame(packing);
      }
      at += step.length;
    }
    yield* frame.end();
    return frame.error() === null ? null : fault(frame.error());
  } finally {
    frame.close();
  }
}

function withoutZeros(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start);
}

/** A Node stream that unpacks one frame. */
interface Frame {
  /** Unpacks these bytes. At the end of the frame it may leave some. */
  write(bytes: Buffer): AsyncGenerator<Buffer>;
  end(): AsyncGenerator<Buffer>;
  taken(): number;
  error(): unknown;
  close(): void;
}

function openFrame(packing: Packing): Frame {
  const stream = unpackerOf(packing);
  let out: Buffer[] = [];
  let held = 0;
  let error: unknown = null;
  let ended = false;
  let fed = false;
  let wake = (): void => {};
  stream.on("data", (bytes: Buffer) => {
    out.push(bytes);
    held += bytes.length;
    if (held >= HELD_BYTES) stream.pause();
    wake();
  });
  stream.on("error", (thrown) => {
    error = thrown;
    wake();
  });
  stream.on("end", () => {
    ended = true;
    wake();
  });

  /** Yields output until `isOver`. */
  async function* until(isOver: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const over = isOver();
      if (!over && out.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const ready = out;
      out = [];
      held = 0;
      yield* ready;
      if (over) return;
      stream.resume();
    }
  }

  return {
    async *write(bytes) {
      let written = false;
      stream.write(bytes, () => {
        written = true;
        wake();
      });
      fed = true;
      yield* until(() => error !== null || (written && stream.readableLength === 0));
    },
    async *end() {
      if (!fed) return;
      stream.end();
      yield* until(() => error !== null || ended);
    },
    taken: () => stream.bytesWritten,
    error: () => error,
    close: () => void stream.destroy(),
  };
}
