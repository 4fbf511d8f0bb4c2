/**
 * Unpacks gzip and zstd sources as a stream of bounded memory. All bytes before a fault are delivered, and
 * they are the same each time, so that a plan can continue from any entry.
 */
import { reasonOf } from "../../core/errors.ts";
import { asBuffer } from "../text/record-ends.ts";
import { Damage } from "./damage.ts";
import { unpackFrames } from "./frames.ts";
import type { Fault } from "./frames.ts";
import type { Packing } from "./packing.ts";

/** Packed bytes handed to zlib at once. */
const STEP_BYTES = 16 * 1024;
/**
 * After a fault its step is repeated in steps of so many bytes, and the last of those byte by byte. One round
 * of single bytes would be slow: each step is a round trip to another thread.
 */
const FINER_STEPS_BYTES = [128, 1];

/** Opens the packed bytes, from their beginning. */
export type OpenBytes = () => AsyncIterable<Uint8Array>;

/** Throws `Damage`. */
export async function* unpacked(open: OpenBytes, packing: Packing, limit: number): AsyncGenerator<Buffer> {
  let delivered = 0;
  for await (const block of wholeOrDamage(open, packing)) {
    if (delivered + block.length > limit) {
      yield block.subarray(0, limit - delivered);
      throw new Damage(
        `unpacks to more than ${limit.toLocaleString("en")} bytes, so reading stopped there. If the size is right, raise maxUnpackedBytes of the reader.`,
      );
    }
    delivered += block.length;
    yield block;
  }
}

/** On a fault Node drops the output of that step, so the step is repeated in smaller ones. */
async function* wholeOrDamage(open: OpenBytes, packing: Packing): AsyncGenerator<Buffer> {
  let delivered = 0;
  const first = unpackFrames(stepsOf(open()), packing);
  for (;;) {
    const { done, value } = await first.next();
    if (done !== true) {
      delivered += value.length;
      yield value;
      continue;
    }
    if (value === null) return;
    yield* beforeFault(open, packing, value, delivered);
  }
}

async function* beforeFault(
  open: OpenBytes,
  packing: Packing,
  found: Fault,
  delivered: number,
): AsyncGenerator<Buffer, never> {
  let fault: Fault | null = found;
  let most = delivered;
  for (const bytes of FINER_STEPS_BYTES) {
    if (fault === null) break;
    const again = unpackFrames(stepsOf(open(), fault.step, bytes), packing);
    let at = 0;
    for (;;) {
      const { done, value } = await again.next();
      if (done === true) {
        fault = value;
        break;
      }
      if (at + value.length > most) yield value.subarray(Math.max(0, most - at));
      at += value.length;
      most = Math.max(most, at);
    }
  }
  throw damageOf(packing, fault);
}

/**
 * Steps of equal length for any blocks, so that a fault always costs the same bytes. From `fineFrom` on the
 * steps have `fineBytes`.
 */
async function* stepsOf(
  blocks: AsyncIterable<Uint8Array>,
  fineFrom = Infinity,
  fineBytes = STEP_BYTES,
): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  const width = (): number => (at < fineFrom ? Math.min(STEP_BYTES, fineFrom - at) : fineBytes);
  for await (const block of blocks) {
    held = held.length === 0 ? asBuffer(block) : Buffer.concat([held, asBuffer(block)]);
    while (held.length >= width()) {
      const step = held.subarray(0, width());
      held = held.subarray(step.length);
      at += step.length;
      yield step;
    }
  }
  if (held.length > 0) yield held;
}

/**
 * Faults by the code or message of zlib and zstd; the first match counts. The flag: it lies after the data.
 */
const FAULTS: readonly (readonly [RegExp, string, boolean])[] = [
  [/unexpected end of file/, "end too soon (was the file cut off?)", false],
  [/incorrect header check|prefix_unknown/, "are followed by something else", true],
  [/incorrect (data|length) check|checksum_wrong/, "do not have the checksum that they should have", true],
];

function damageOf(packing: Packing, fault: Fault | null): unknown {
  if (fault === null) return new Error("a fault occurred, but not the second time");
  const { error, good } = fault;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_MEM_ERROR" || code === "") return error;
  const words = `${code} ${reasonOf(error)}`;
  const [, what, afterEnd] = FAULTS.find(([pattern]) => pattern.test(words)) ?? [
    null,
    `are damaged (${reasonOf(error)})`,
    false,
  ];
  return new Damage(`its ${packing} data ${what}, at byte ${good} of the packed file`, afterEnd, error);
}
