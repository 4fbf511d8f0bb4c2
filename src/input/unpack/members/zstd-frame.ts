/** Unpacks one zstd frame; a skippable one is passed by. */
import { constants, createZstdDecompress } from "node:zlib";
import { PackedFault } from "./fault.ts";
import type { Member } from "./member.ts";
import { driven, OUTPUT_BYTES } from "./native-stream.ts";
import type { NativeStream } from "./native-stream.ts";
import { isBegun, zstdWalk } from "./zstd-walk.ts";

/** zstd allows it by itself. */
const USUAL_WINDOW_LOG = 27;

/** `maxWindow`: the largest window that is allowed, in bytes. */
export function zstdFrame(maxWindow: number): Member {
  const walk = zstdWalk();
  let stream: NativeStream | null = null;
  /** The beginning of a frame whose kind is not known yet. */
  let head: Buffer = Buffer.alloc(0);
  let taken = 0;
  let fault: unknown = null;

  function open(window: number): NativeStream {
    if (window > maxWindow) throw tooLargeWindow(window, maxWindow);
    const windowLog = Math.max(USUAL_WINDOW_LOG, Math.ceil(Math.log2(window)));
    const params = { [constants.ZSTD_d_windowLogMax]: windowLog };
    return driven(createZstdDecompress({ chunkSize: OUTPUT_BYTES, params }));
  }

  async function* unpackPart(bytes: Buffer): AsyncGenerator<Buffer> {
    head = Buffer.concat([head, bytes]);
    const kind = walk.kind();
    if (kind?.is === "foreign") throw foreign();
    if (kind?.is === "skippable") head = Buffer.alloc(0);
    if (kind?.is !== "frame") return;
    stream ??= open(kind.window);
    const part = head;
    head = Buffer.alloc(0);
    yield* stream.write(part);
    if (walk.isOver() && stream.error() === null) yield* stream.end();
    const error = stream.error();
    if (error !== null) throw error;
  }

  return {
    async *write(bytes) {
      const own = bytes.subarray(0, walk.take(bytes));
      try {
        yield* unpackPart(own);
        taken += own.length;
      } catch (thrown) {
        fault = thrown;
      }
    },
    async *end() {
      if (stream !== null) yield* stream.end();
      fault ??= stream?.error() ?? (isBegun(head) ? cutOff() : foreign());
    },
    taken: () => taken,
    isWhole: () => walk.isOver() && fault === null,
    fault: () => fault,
    close: () => stream?.close(),
  };
}

const foreign = (): PackedFault => new PackedFault("foreign", "no zstd frame begins here");
const cutOff = (): PackedFault => new PackedFault("cut-off", "it ends too soon");

function tooLargeWindow(window: number, maxWindow: number): PackedFault {
  const bytes = window.toLocaleString("en");
  return new PackedFault(
    "window",
    `needs a window of ${bytes} bytes, more than the ${maxWindow.toLocaleString("en")} that are allowed`,
  );
}
