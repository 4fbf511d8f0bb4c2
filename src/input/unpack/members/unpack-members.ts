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
}

export interface Unpacking {
  readonly packing: Packing;
  /** The largest window of a zstd frame, in bytes. */
  readonly maxWindow: number;
}

/**
 * Unpacks `steps`. Returns the fault that ended it, `null` at the end of the source. Unless it is `exact`,
 * several gzip members may have one mark together, and members at the end have none.
 */
export async function* unpackMembers(
  steps: AsyncIterable<Buffer>,
  { packing, maxWindow }: Unpacking,
  exact: boolean,
): AsyncGenerator<Buffer | Verified, Fault | null> {
  const open = (): Member => {
    if (packing === "zstd") return zstdFrame(maxWindow);
    return exact ? gzipMember() : gzipRun();
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
        yield { end: begun + current.taken() };
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
