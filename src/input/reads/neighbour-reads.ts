/**
 * Neighbouring ranges of one object are read by one request: the ranges of a bundle lie side by side. The
 * stream stays open between its readers, and a little of what was read last is kept, because ranges overlap
 * by the line at their border.
 */
import type { ObjectStore } from "../../ports.ts";
import { derivedStore } from "./derived-store.ts";

/** Consecutive bytes of an object that are wanted soon, `start` up to `end` (exclusive). */
export interface Neighbourhood {
  readonly name: string;
  readonly version: string | undefined;
  readonly start: number;
  readonly end: number;
}

export interface NeighbourReads {
  readonly store: ObjectStore;
  /** Ends the request that is open. */
  close(): Promise<void>;
}

/** A reader may begin so far before the end of the reader before it. */
const KEPT_BYTES = 256 * 1024;
/** A gap up to this is read over: a request costs more. */
const SKIPPED_BYTES = 256 * 1024;

/**
 * A store whose reads inside a neighbourhood share requests, if they come one after the other and in order.
 * All others are reads of `store`.
 */
export function neighbourReads(store: ObjectStore, places: readonly Neighbourhood[]): NeighbourReads {
  let stream: SharedStream | null = null;

  /** The stream at `start`, for one reader at a time; `null` if the read is not of a neighbourhood. */
  async function streamAt(wanted: Neighbourhood): Promise<SharedStream | null> {
    const place = places.find((one) => isIn(one, wanted));
    if (place === undefined || stream?.isTaken) return null;
    if (stream?.reaches(wanted)) return stream;
    const former = stream;
    stream = new SharedStream(store, { ...wanted, end: Math.max(wanted.end, place.end) });
    // Taken before anything is awaited.
    stream.isTaken = true;
    await former?.close();
    return stream;
  }

  async function* read(
    name: string,
    start: number,
    end: number,
    version?: string,
  ): AsyncGenerator<Uint8Array> {
    const own = start < end ? await streamAt({ name, version, start, end }) : null;
    if (own === null) yield* store.read(name, start, end, version);
    else yield* own.read(start, end);
  }

  return {
    store: derivedStore(store, read),
    close: async () => stream?.close(),
  };
}

/** The byte before a range shows whether a line begins with it. */
function isIn(place: Neighbourhood, { name, version, start }: Neighbourhood): boolean {
  const isSame = place.name === name && place.version === version;
  return isSame && start >= place.start - 1 && start < place.end;
}

interface Kept {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One request, and the blocks that it gave last. */
class SharedStream {
  isTaken = false;
  readonly #store: ObjectStore;
  readonly #whole: Neighbourhood;
  readonly #blocks: AsyncIterator<Uint8Array>;
  #kept: Kept[] = [];
  #keptBytes = 0;
  /** The offset after the last block. */
  #position: number;
  #ended = false;
  /** It gives nothing any more. */
  #broken = false;

  constructor(store: ObjectStore, whole: Neighbourhood) {
    const { name, version, start, end } = whole;
    this.#store = store;
    this.#whole = whole;
    this.#position = start;
    this.#blocks = store.read(name, start, end, version)[Symbol.asyncIterator]();
  }

  /** Whether a read may begin at the start of `wanted`, without another request. */
  reaches({ name, version, start }: Neighbourhood): boolean {
    const { name: own, version: ownVersion, end } = this.#whole;
    if (this.#broken || name !== own || version !== ownVersion || start >= end) return false;
    const from = this.#kept[0]?.offset ?? this.#position;
    return start >= from && start <= this.#position + SKIPPED_BYTES;
  }

  /** The bytes from `start` up to `end`, or to the end of the object. */
  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    this.isTaken = true;
    try {
      let at = start;
      for (const { offset, bytes } of this.#kept) {
        const part = clipped(bytes, at - offset, end - offset);
        at += part.length;
        if (part.length > 0) yield part;
      }
      while (at < end) {
        const block = await this.#next();
        if (block === null) break;
        const part = clipped(block.bytes, at - block.offset, end - block.offset);
        at += part.length;
        if (part.length > 0) yield part;
      }
      const { name, version, end: last } = this.#whole;
      // The request asked for no more than its neighbourhood.
      if (at < end && at === last) yield* this.#store.read(name, at, end, version);
    } finally {
      this.isTaken = false;
    }
  }

  /** The next block, which is kept; `null` at the end. A failed request is not gone on with. */
  async #next(): Promise<Kept | null> {
    if (this.#ended) return null;
    try {
      const result = await this.#blocks.next();
      if (result.done === true) {
        this.#ended = true;
        return null;
      }
      const block = { offset: this.#position, bytes: result.value };
      this.#position += result.value.length;
      this.#keep(block);
      return block;
    } catch (thrown) {
      this.#ended = this.#broken = true;
      throw thrown;
    }
  }

  #keep(block: Kept): void {
    this.#kept.push(block);
    this.#keptBytes += block.bytes.length;
    for (let first = this.#kept[0]; first !== undefined; first = this.#kept[0]) {
      if (this.#keptBytes - first.bytes.length < KEPT_BYTES) break;
      this.#kept.shift();
      this.#keptBytes -= first.bytes.length;
    }
  }

  async close(): Promise<void> {
    this.#kept = [];
    this.#broken = true;
    if (this.#ended) return;
    this.#ended = true;
    await this.#blocks.return?.();
  }
}

function clipped(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return bytes.subarray(Math.max(0, from), Math.max(0, to));
}
