/**
 * Unpacks gzip and zstd sources as a stream of bounded memory.
 *
 * A wrong bit in packed data often unpacks to other text, and only the checksum at the end of the member
 * shows it. So the newest bytes are held back until they are verified, or too many. Everything that is
 * delivered before a fault is the same each time, so that a plan can continue from any entry.
 */
import { asBuffer } from "../text/as-buffer.ts";
import { Damage } from "./damage.ts";
import { damageOf, FaultAt } from "./damage-text.ts";
import { unpackMembers } from "./members/unpack-members.ts";
import type { Fault, Unpacking, Verified } from "./members/unpack-members.ts";

/** Members that unpack to so many bytes are verified before any of them is delivered. */
export const HELD_BYTES = 64 * 1024 * 1024;

/** Packed bytes handed to zlib at once. Each step is a round trip to another thread. */
const STEP_BYTES = 64 * 1024;
/**
 * After a fault its step is repeated in steps of so many bytes, and the last of those byte by byte. One round
 * of single bytes would be slow: each step is a round trip to another thread.
 */
const FINER_STEPS_BYTES = [128, 1];

/** Opens the packed bytes, from their beginning. */
export type OpenBytes = () => AsyncIterable<Uint8Array>;

export interface UnpackRequest extends Unpacking {
  /** The most that the source may unpack to. */
  readonly limit: number;
  /** How many unpacked bytes are held back: `HELD_BYTES`, or 0 to have the first ones at once. */
  readonly hold: number;
}

/** Throws `Damage`. */
export async function* unpacked(open: OpenBytes, request: UnpackRequest): AsyncGenerator<Buffer> {
  const { limit } = request;
  let delivered = 0;
  for await (const block of heldBack(open, request)) {
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

/**
 * Delivers blocks once their member is verified, or larger than `hold`. Where the ends of members are not
 * known, blocks are delivered once `hold` bytes follow them: then one or the other is true.
 */
async function* heldBack(open: OpenBytes, request: UnpackRequest): AsyncGenerator<Buffer> {
  const members = unpackMembers(stepsOf(open()), request, false);
  let held: Buffer[] = [];
  let heldBytes = 0;
  let delivered = 0;
  let many = false;
  let isLarge = false;
  for (;;) {
    const { done, value } = await members.next();
    if (done === true) {
      if (value === null) yield* held;
      held = [];
      if (value !== null) yield* verifiedOnly(upTo(value, open, request), delivered, request);
      return;
    }
    const isMark = "end" in value;
    if (isMark) many = value.manyFollow;
    else {
      held.push(value);
      heldBytes += value.length;
    }
    isLarge = !isMark && !many && (isLarge || heldBytes > request.hold);
    const hold = isMark || isLarge ? 0 : request.hold;
    for (let [first] = held; first && heldBytes - first.length >= hold; [first] = held) {
      held.shift();
      heldBytes -= first.length;
      delivered += first.length;
      yield first;
    }
  }
}

/**
 * Goes through a source with a fault once more, now member by member. Delivers what follows the first
 * `delivered` bytes: members that are verified, and those that are too large to be held. Throws `Damage`.
 */
async function* verifiedOnly(
  blocks: AsyncIterable<Buffer | Verified>,
  delivered: number,
  { hold, packing }: UnpackRequest,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let begun = 0;
  let inDoubt = false;
  let skip = delivered;

  function* deliver(): Generator<Buffer> {
    for (const block of held) {
      const rest = block.subarray(Math.min(skip, block.length));
      skip -= block.length - rest.length;
      if (rest.length > 0) yield rest;
    }
    held = [];
    heldBytes = 0;
  }

  try {
    for await (const block of blocks) {
      const isMark = "end" in block;
      if (!isMark) {
        held.push(block);
        heldBytes += block.length;
        inDoubt ||= heldBytes > hold;
      }
      if (isMark || inDoubt) yield* deliver();
      if (isMark) begun = block.end;
      if (isMark) inDoubt = false;
    }
  } catch (thrown) {
    const items = hold === 0 ? "none" : inDoubt ? "in doubt" : "left out";
    throw thrown instanceof FaultAt ? damageOf(thrown, { packing, begun, items }) : thrown;
  }
}

/**
 * Everything before a fault. Node drops the output of the step with the fault, so that step is repeated in
 * smaller ones. Throws `FaultAt`.
 */
async function* upTo(
  found: Fault,
  open: OpenBytes,
  unpacking: Unpacking,
): AsyncGenerator<Buffer | Verified, never> {
  let fault: Fault | null = found;
  let most = 0;
  for (const bytes of FINER_STEPS_BYTES) {
    if (fault === null) break;
    const again = unpackMembers(stepsOf(open(), fault.step, bytes), unpacking, true);
    let at = 0;
    for (;;) {
      const { done, value } = await again.next();
      if (done === true) {
        fault = value;
        break;
      }
      if ("end" in value) {
        // Everything before it may have been there in the round before, and the mark as well.
        if (at >= most) yield value;
        continue;
      }
      if (at + value.length > most) yield value.subarray(Math.max(0, most - at));
      at += value.length;
      most = Math.max(most, at);
    }
  }
  if (fault === null) throw new Error("a fault occurred, but not the second time");
  throw new FaultAt(fault.good, fault.error);
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
