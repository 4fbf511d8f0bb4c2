/**
 * Drives one of Node's unpacking streams by hand, because an async iterator over one drops its buffered
 * output on an error.
 */
import { NativePromise } from "../../../core/native-promise.ts";
import type { createInflateRaw, createZstdDecompress } from "node:zlib";

/** Unpacked bytes held before the stream has to wait. */
const HELD_BYTES = 1024 * 1024;
/** The size of the stream's own output buffers. Each is a round trip to another thread. */
export const OUTPUT_BYTES = 128 * 1024;

export interface NativeStream {
  /** Unpacks these bytes. If its data end among them, it leaves the others. */
  write(bytes: Buffer): AsyncGenerator<Buffer>;
  /** Nothing follows. */
  end(): AsyncGenerator<Buffer>;
  /** How many bytes it took. */
  taken(): number;
  /** `null` without an error. */
  error(): Error | null;
  close(): void;
}

export function driven(
  stream: ReturnType<typeof createInflateRaw | typeof createZstdDecompress>,
): NativeStream {
  let out: Buffer[] = [];
  let held = 0;
  let error: Error | null = null;
  let ended = false;
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
        await new NativePromise<void>((resolve) => {
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
      yield* until(() => error !== null || (written && stream.readableLength === 0));
    },
    async *end() {
      stream.end();
      yield* until(() => error !== null || ended);
    },
    taken: () => stream.bytesWritten,
    error: () => error,
    close: () => void stream.destroy(),
  };
}
