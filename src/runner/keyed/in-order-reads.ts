/** Reads small pieces of some objects in the order of keys: one stream for each run, as long as it lasts. */
import type { KeyedPieces, Segment } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";

/** A gap up to this is read over: a request costs more. */
const SKIPPED_BYTES = 256 * 1024;
/** Streams that are open at the same time. A node has a hundred children at most. */
const MOST_OPEN = 128;

export class InOrderReads {
  readonly #store: Pick<ObjectStore, "read">;
  /** How far each object is read, by its name. */
  readonly #ends = new Map<string, number>();
  readonly #open: Stream[] = [];

  constructor(store: Pick<ObjectStore, "read">, runs: readonly KeyedPieces[]) {
    this.#store = store;
    for (const { pieces } of runs.flat()) {
      for (const piece of pieces) {
        if ("text" in piece) continue;
        const { name, offset, length } = piece;
        this.#ends.set(name, Math.max(this.#ends.get(name) ?? 0, offset + length));
      }
    }
  }

  async read({ name, offset, length }: Segment): Promise<Buffer> {
    const stream = (await this.#find(name, offset)) ?? (await this.#begin(name, offset));
    return stream.read(offset, length);
  }

  /** The stream that is nearest before the place is moved to the end of the list, and used. */
  async #find(name: string, offset: number): Promise<Stream | null> {
    const near = this.#open
      .filter((one) => one.name === name && one.position <= offset && offset <= one.position + SKIPPED_BYTES)
      .toSorted((one, other) => other.position - one.position)[0];
    if (near === undefined) return null;
    this.#open.splice(this.#open.indexOf(near), 1);
    this.#open.push(near);
    return near;
  }

  async #begin(name: string, offset: number): Promise<Stream> {
    if (this.#open.length >= MOST_OPEN) await this.#open.shift()?.close();
    const stream = new Stream(name, offset, this.#store.read(name, offset, this.#ends.get(name) ?? offset));
    this.#open.push(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#open.splice(0)) await stream.close();
  }
}

class Stream {
  readonly name: string;
  readonly #blocks: AsyncIterator<Uint8Array>;
  #block: Uint8Array = new Uint8Array();
  /** The offset of the next byte, which is the first of `#block`. */
  position: number;

  constructor(name: string, position: number, blocks: AsyncIterable<Uint8Array>) {
    this.name = name;
    this.position = position;
    this.#blocks = blocks[Symbol.asyncIterator]();
  }

  async read(offset: number, length: number): Promise<Buffer> {
    await this.#pass(offset - this.position, () => undefined);
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    await this.#pass(length, (part) => {
      bytes.set(part, done);
      done += part.length;
    });
    return bytes;
  }

  async #pass(length: number, take: (part: Uint8Array) => void): Promise<void> {
    let left = length;
    while (left > 0) {
      if (this.#block.length === 0) this.#block = await this.#next();
      const part = this.#block.subarray(0, left);
      take(part);
      this.#block = this.#block.subarray(part.length);
      this.position += part.length;
      left -= part.length;
    }
  }

  async #next(): Promise<Uint8Array> {
    const next = await this.#blocks.next();
    if (next.done === true) throw new Error(`${this.name} ends before byte ${this.position}`);
    return next.value;
  }

  async close(): Promise<void> {
    await this.#blocks.return?.();
  }
}
