/**
 * Follows zstd data from header to header (RFC 8878), without unpacking them: where a frame ends, and which
 * window it needs. Faults in the blocks are left to zstd, which reads the same headers.
 */

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const MAGIC_BYTES = 4;
/** Skippable frames begin with one of sixteen magics: this one, with any last four bits in its first byte. */
const SKIPPABLE_MAGIC = Buffer.from([0x50, 0x2a, 0x4d, 0x18]);
const CHECKSUM_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const BLOCK_TYPE = { raw: 0, repeated: 1, packed: 2, reserved: 3 } as const;
const MIN_WINDOW_LOG = 10;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** Whether a frame, skippable or not, may begin with these bytes. Four of them decide. */
export function isBegun(head: Buffer): boolean {
  const magic = head.subarray(0, MAGIC_BYTES);
  return beginsAs(ZSTD_MAGIC, magic) || beginsAs(SKIPPABLE_MAGIC, asFirstSkippable(magic));
}

/** Whether zstd data, or skippable frames before them, begin with these bytes. */
export function isZstd(head: Buffer): boolean {
  return head.length >= MAGIC_BYTES && isBegun(head);
}

function beginsAs(magic: Buffer, head: Buffer): boolean {
  return magic.subarray(0, head.length).equals(head);
}

/** Puts the first of the sixteen magics in the place of the others. */
function asFirstSkippable(magic: Buffer): Buffer {
  const copy = Buffer.from(magic);
  if (copy.length > 0) copy[0] = (copy[0] ?? 0) & 0xf0;
  return copy;
}

/** What a frame is; the window in bytes. */
export type FrameKind =
  | { readonly is: "frame"; readonly window: number }
  | { readonly is: "skippable" }
  | { readonly is: "foreign" };

export interface ZstdWalk {
  /** How many of these bytes belong to the frame. */
  take(bytes: Buffer): number;
  /** `null` until its header was taken. */
  kind(): FrameKind | null;
  isOver(): boolean;
}

/** The next bytes of a frame: those to read, or how many to pass by. */
type Wish = { readonly read: number } | { readonly pass: number };

export function zstdWalk(): ZstdWalk {
  let kind: FrameKind | null = null;
  const parts = partsOf((found) => (kind = found));
  let wish = parts.next();
  let held: Buffer = Buffer.alloc(0);
  let passed = 0;

  /** Takes some bytes for the current wish. Returns how many. */
  function feed(bytes: Buffer, { value }: IteratorYieldResult<Wish>): number {
    if ("read" in value) {
      const own = bytes.subarray(0, value.read - held.length);
      held = Buffer.concat([held, own]);
      if (held.length === value.read) grant();
      return own.length;
    }
    const own = Math.min(bytes.length, value.pass - passed);
    passed += own;
    if (passed === value.pass) grant();
    return own;
  }

  function grant(): void {
    const bytes = held;
    held = Buffer.alloc(0);
    passed = 0;
    wish = parts.next(bytes);
  }

  return {
    take(bytes) {
      let at = 0;
      while (wish.done !== true && at < bytes.length) at += feed(bytes.subarray(at), wish);
      return at;
    },
    kind: () => kind,
    isOver: () => wish.done === true,
  };
}

function* partsOf(found: (kind: FrameKind) => void): Generator<Wish, void, Buffer> {
  const magic = yield { read: MAGIC_BYTES };
  if (asFirstSkippable(magic).equals(SKIPPABLE_MAGIC)) {
    const size = yield { read: 4 };
    found({ is: "skippable" });
    yield* passing(size.readUInt32LE(0));
    return;
  }
  if (!magic.equals(ZSTD_MAGIC)) return found({ is: "foreign" });
  const [flags = 0] = yield { read: 1 };
  found({ is: "frame", window: yield* windowOf(flags) });
  yield* blocks();
  if ((flags & 0b100) !== 0) yield { pass: CHECKSUM_BYTES };
}

function* passing(bytes: number): Generator<Wish, void, Buffer> {
  if (bytes > 0) yield { pass: bytes };
}

/** The window of a frame with this descriptor. Reads the header to its end. */
function* windowOf(flags: number): Generator<Wish, number, Buffer> {
  const isSingle = (flags & 0b10_0000) !== 0;
  let window = 0;
  if (!isSingle) {
    const [descriptor = 0] = yield { read: 1 };
    const base = 2 ** (MIN_WINDOW_LOG + (descriptor >> 3));
    window = base + (base / 8) * (descriptor & 0b111);
  }
  yield* passing(DICTIONARY_ID_BYTES[flags & 0b11] ?? 0);
  const sizeBytes = flags >> 6 === 0 && isSingle ? 1 : (CONTENT_SIZE_BYTES[flags >> 6] ?? 0);
  const size = sizeBytes === 0 ? null : yield { read: sizeBytes };
  // The window of a single segment is its content.
  return isSingle && size !== null ? contentSize(size) : window;
}

function contentSize(size: Buffer): number {
  switch (size.length) {
    case 2:
      return size.readUInt16LE(0) + 256;
    case 8:
      return Number(size.readBigUInt64LE(0));
    default:
      return size.readUIntLE(0, size.length);
  }
}

function* blocks(): Generator<Wish, void, Buffer> {
  for (;;) {
    const header = (yield { read: BLOCK_HEADER_BYTES }).readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 0b11;
    // Damaged: zstd refuses it.
    if (type === BLOCK_TYPE.reserved) yield { pass: Infinity };
    yield* passing(type === BLOCK_TYPE.repeated ? 1 : header >> 3);
    if ((header & 1) === 1) return;
  }
}
