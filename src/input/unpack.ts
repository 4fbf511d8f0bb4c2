/**
 * What gzip and zstd sources unpack to, as a stream of bounded memory.
 *
 * Node's streams are driven by hand: an iterator over one drops what it holds when an error comes, and stops without a word where another frame or garbage
 * follows. What comes before a fault is always given, and always the same bytes, so that a plan can be continued from any entry.
 */
import { createGunzip, createZstdDecompress } from "node:zlib";
import { reasonOf } from "../core/errors.ts";
import { asBuffer } from "./borders.ts";
import { Damage } from "./damage.ts";
import type { Packing } from "./packing.ts";

/** Packed bytes that are handed over at once. */
const STEP_BYTES = 16 * 1024;
/** Unpacked bytes that are held before the stream has to wait. */
const HELD_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Opens the packed bytes, from their beginning. */
export type OpenBytes = () => AsyncIterable<Uint8Array>;

type Unpacker = ReturnType<typeof createGunzip | typeof createZstdDecompress>;

function unpackerOf(packing: Packing): Unpacker {
  const options = { chunkSize: CHUNK_BYTES };
  return packing === "gzip" ? createGunzip(options) : createZstdDecompress(options);
}

/** A fault, and the offset of the step that it was met in. */
interface Fault {
  readonly error: unknown;
  readonly step: number;
  /** Packed bytes that were good. */
  readonly good: number;
}

/** Throws `Damage`. */
export async function* unpacked(open: OpenBytes, packing: Packing, limit: number): AsyncGenerator<Buffer> {
  let given = 0;
  for await (const block of wholeOrDamage(open, packing)) {
    if (given + block.length > limit) {
      yield block.subarray(0, limit - given);
      throw new Damage(
        `unpacks to more than ${limit.toLocaleString("en")} bytes, and was left there. If that is as it should be, raise maxUnpackedBytes of the reader.`,
      );
    }
    given += block.length;
    yield block;
  }
}

/** A fault loses what its step had given before: that step is taken again, byte by byte. */
async function* wholeOrDamage(open: OpenBytes, packing: Packing): AsyncGenerator<Buffer> {
  let given = 0;
  const first = unpackFrames(stepsOf(open(), Infinity), packing);
  for (;;) {
    const { done, value } = await first.next();
    if (done !== true) {
      given += value.length;
      yield value;
      continue;
    }
    if (value === null) return;
    yield* beforeFault(open, packing, value, given);
  }
}

async function* beforeFault(
  open: OpenBytes,
  packing: Packing,
  { step }: Fault,
  given: number,
): AsyncGenerator<Buffer, never> {
  const again = unpackFrames(stepsOf(open(), step), packing);
  let at = 0;
  for (;;) {
    const { done, value } = await again.next();
    if (done === true) throw damageOf(packing, value);
    if (at + value.length > given) yield value.subarray(Math.max(0, given - at));
    at += value.length;
  }
}

/** Steps of equal length whatever the blocks are, so that what is lost at a fault is always the same; single bytes from `fineFrom` on. */
async function* stepsOf(blocks: AsyncIterable<Uint8Array>, fineFrom: number): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  const width = (): number => (at < fineFrom ? STEP_BYTES : 1);
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

/** Members or frames, one after the other. Returns the fault that ended it, `null` at the end of the source. */
async function* unpackFrames(
  steps: AsyncIterable<Buffer>,
  packing: Packing,
): AsyncGenerator<Buffer, Fault | null> {
  let frame = openFrame(packing);
  let at = 0;
  let begun = 0;
  /** A frame has ended, and none has begun since. gzip allows zeros there. */
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

/** One of Node's streams. */
interface Frame {
  /** Takes bytes in and gives what they come to; may leave bytes, at its end. */
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

  /** Gives what comes until `isOver`. */
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

/** What is wrong by the code or words of zlib and zstd; the first that fits. */
const FAULTS: readonly (readonly [RegExp, string, boolean])[] = [
  [/unexpected end of file/, "end too soon (was the file cut off?)", false],
  [/incorrect header check|prefix_unknown/, "are followed by something else", true],
  [/incorrect (data|length) check|checksum_wrong/, "do not have the checksum that they should have", true],
];

function damageOf(packing: Packing, fault: Fault | null): unknown {
  if (fault === null) return new Error("a fault was met, and not the second time");
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
