/**
 * Unpacks gzip members up to the end of the source, or to zeros behind a member. Node goes from one member to
 * the next by itself and verifies each: that is fast, but hides where they end.
 */
import { createGunzip } from "node:zlib";
import type { Member } from "./member.ts";
import { driven, OUTPUT_BYTES } from "./native-stream.ts";

export function gzipRun(): Member {
  const stream = driven(createGunzip({ chunkSize: OUTPUT_BYTES }));
  let isWhole = false;
  return {
    async *write(bytes) {
      const before = stream.taken();
      yield* stream.write(bytes);
      isWhole = stream.error() === null && stream.taken() - before < bytes.length;
    },
    end: () => stream.end(),
    taken: () => stream.taken(),
    isWhole: () => isWhole,
    fault: () => stream.error(),
    close: () => stream.close(),
  };
}
