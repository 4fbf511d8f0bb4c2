/** Unpacks the members of a source one after the other. */
import type { Packing } from "../packing.ts";
import { gzipMember } from "./gzip-member.ts";
import { gzipRun } from "./gzip-run.ts";
import type { Member } from "./member.ts";
import { zstdFrame } from "./zstd-frame.ts";

/** A fault, and the offset of the step in which it was found. */
export interface Fault {
  readonly error: unknown;
  readonly step: number;
  /** Packed bytes before the fault. */
  readonly good: number;
}

/** A mark after blocks that are verified. A member ends here, at byte `end` of the packed source. */
export interface Verified {
  readonly end: number;
  /** Several members may follow before the next mark, or the end of the source. */
  readonly manyFollow: boolean;
}

/** After a gzip member that was packed to less, Node goes from member to member by itself. */
const SMALL_BYTES = 1024 * 1024;

export interface Unpacking {
  readonly packing: Packing;
  /** The largest window of a zstd frame, in bytes. */
  readonly maxWindow: number;
}

/**
 * Unpacks `steps`. Returns the fault that ended it, `null` at the end of the source. `exact`: with a mark at
 * the end of each member. Small gzip members take ten times as long so.
 */
export async function* unpackMembers(
  steps: AsyncIterable<Buffer>,
  { packing, maxWindow }: Unpacking,
  exact: boolean,
): AsyncGenerator<Buffer | Verified, Fault | null> {
  let manyFollow = false;
  const open = (): Member => {
    if (packing === "zstd") return zstdFrame(maxWindow);
    return manyFollow ? gzipRun() : gzipMember();
  };
  let member: Member | null = null;
  let at = 0;
  let begun = 0;
  const faultOf = (of: Member): Fault => ({ error: of.fault(), step: at, good: begun + of.taken() });
  try {
    for await (const step of steps) {
      for (let rest = step; ;) {
        if (member === null) rest = withoutPadding(rest, packing);
        if (rest.length === 0) break;
        if (member === null) begun = at + step.length - rest.length;
        const current: Member = (member ??= open());
        const before = current.taken();
        yield* current.write(rest);
        if (current.fault() !== null) return faultOf(current);
        rest = rest.subarray(current.taken() - before);
        if (!current.isWhole()) continue;
        manyFollow = packing === "gzip" && !exact && current.taken() < SMALL_BYTES;
        yield { end: begun + current.taken(), manyFollow };
        current.close();
        member = null;
      }
      at += step.length;
    }
    // The compiler does not see what the loop assigned.
    const last = member as Member | null;
    if (last === null) return null;
    yield* last.end();
    return last.fault() === null ? null : faultOf(last);
  } finally {
    member?.close();
  }
}

/** Zeros may follow a gzip member. */
function withoutPadding(bytes: Buffer, packing: Packing): Buffer {
  if (packing !== "gzip" || bytes[0] !== 0) return bytes;
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start);
}
