/** The bytes of one page. It ends with a line, unless a single line is longer than a page. */
import { blocksOf, bytesOf, verifyPiece } from "../runner/contribution/piece-text.ts";
import type { Piece } from "../core/records/contribution.ts";
import type { ObjectStore } from "../ports.ts";

/** A page has room for any character of UTF-8. */
const LEAST_BYTES = 4;
const NEWLINE = 0x0a;

type ReadStore = Pick<ObjectStore, "read">;

export class PageBytes {
  readonly #store: ReadStore;
  readonly #limit: number;
  readonly blocks: Uint8Array[] = [];
  #bytes = 0;

  constructor(store: ReadStore, limit: number) {
    this.#store = store;
    this.#limit = Math.max(LEAST_BYTES, limit);
  }

  get room(): number {
    return this.#limit - this.#bytes;
  }

  /** Takes what fits of `pieces` after their first `skip` bytes. Returns how many bytes it took. */
  async take(pieces: readonly Piece[], skip: number): Promise<number> {
    let taken = 0;
    let begin = 0;
    for (const piece of pieces) {
      const length = bytesOf(piece);
      const from = Math.max(0, skip - begin);
      begin += length;
      if (from >= length) continue;
      const to = Math.min(length, from + this.room);
      const isCut = to < length;
      // A part has no checksum.
      if (isCut && from === 0) await verifyPiece(this.#store, piece);
      const blocks = to > from ? await Array.fromAsync(blocksWithin(this.#store, piece, from, to)) : [];
      taken += isCut ? this.#addCut(blocks) : this.#add(blocks);
      if (isCut) break;
    }
    return taken;
  }

  /** Takes a part of a file. Returns how many bytes it took. */
  async takeFile(name: string, from: number, end: number): Promise<number> {
    const to = Math.min(end, from + this.room);
    const blocks = await Array.fromAsync(this.#store.read(name, from, to));
    return to < end ? this.#addCut(blocks) : this.#add(blocks);
  }

  #add(blocks: readonly Uint8Array[]): number {
    let bytes = 0;
    for (const block of blocks) {
      this.blocks.push(block);
      bytes += block.length;
    }
    this.#bytes += bytes;
    return bytes;
  }

  /** Adds whole lines; if the page has nothing else, a part of one. */
  #addCut(blocks: readonly Uint8Array[]): number {
    const bytes = Buffer.concat(blocks);
    const lines = bytes.lastIndexOf(NEWLINE) + 1;
    const end = lines > 0 || this.#bytes > 0 ? lines : wholeCharacters(bytes);
    return this.#add(end > 0 ? [bytes.subarray(0, end)] : []);
  }
}

async function* blocksWithin(
  store: ReadStore,
  piece: Piece,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  if ("text" in piece) yield Buffer.from(piece.text).subarray(from, to);
  else if (from === 0 && to === piece.length) yield* blocksOf(store, piece);
  else yield* store.read(piece.name, piece.offset + from, piece.offset + to);
}

/** How many bytes there are without a character that is cut off at their end. */
function wholeCharacters(bytes: Uint8Array): number {
  let last = bytes.length - 1;
  // Continuation bytes are 10xxxxxx.
  while (last > 0 && ((bytes[last] ?? 0) & 0xc0) === 0x80) last--;
  const lead = bytes[last] ?? 0;
  const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return last + size <= bytes.length ? bytes.length : last;
}
