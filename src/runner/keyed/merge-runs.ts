/** Merges sorted pieces, key by key: small neighbours are written together, large ones stay. */
import type { KeyedPieces, Piece, Segment } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import { InOrderReads } from "./in-order-reads.ts";

/** As for ordered outputs: S3 copies parts of 5 MiB and more. */
const LARGE = 8 * 1024 * 1024;

/** `keys`: of all runs, sorted. */
export async function mergeRuns(
  store: ObjectStore,
  runs: readonly KeyedPieces[],
  keys: readonly string[],
): Promise<KeyedPieces> {
  const [only] = runs;
  if (runs.length <= 1) return only ?? [];
  const places = runs.map(() => 0);
  const merging = new Merging(store, runs);
  try {
    const merged: { readonly key: string; readonly pieces: readonly Slot[] }[] = [];
    for (const key of keys) {
      const pieces: Piece[] = [];
      runs.forEach((run, index) => {
        const entry = run[places[index] ?? 0];
        if (entry?.key !== key) return;
        places[index] = (places[index] ?? 0) + 1;
        pieces.push(...entry.pieces);
      });
      merged.push({ key, pieces: await merging.together(pieces) });
    }
    return await merging.end(merged);
  } finally {
    await merging.close();
  }
}

/** A piece that stays, or bytes of what is written here: the name of that is known in the end. */
type Slot = Piece | { readonly at: number; readonly bytes: number };

class Merging {
  readonly #store: ObjectStore;
  readonly #reads: InOrderReads;
  #writer: ReturnType<ObjectStore["create"]> | null = null;
  #written = 0;

  constructor(store: ObjectStore, runs: readonly KeyedPieces[]) {
    this.#store = store;
    this.#reads = new InOrderReads(store, runs);
  }

  async together(pieces: readonly Piece[]): Promise<Slot[]> {
    const slots: Slot[] = [];
    let small: Piece[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const [first] = small;
      if (small.length === 1 && first) slots.push(first);
      else if (small.length > 1) slots.push(await this.#writeTogether(small));
      small = [];
      bytes = 0;
    };
    for (const piece of pieces) {
      const size = bytesOf(piece);
      if (size >= LARGE || bytes >= LARGE) await flush();
      if (size >= LARGE) slots.push(piece);
      else {
        small.push(piece);
        bytes += size;
      }
    }
    await flush();
    return slots;
  }

  async #writeTogether(pieces: readonly Piece[]): Promise<Slot> {
    this.#writer ??= this.#store.create("outputs/by-key");
    const at = this.#written;
    for (const piece of pieces) {
      const bytes = "text" in piece ? Buffer.from(piece.text) : await this.#reads.read(piece);
      await this.#writer.write(bytes);
      this.#written += bytes.length;
    }
    return { at, bytes: this.#written - at };
  }

  async end(
    merged: readonly { readonly key: string; readonly pieces: readonly Slot[] }[],
  ): Promise<KeyedPieces> {
    const segment = (await this.#writer?.close()) ?? { name: "", offset: 0 };
    const placed = (slot: Slot): Piece =>
      "at" in slot
        ? ({ name: segment.name, offset: segment.offset + slot.at, length: slot.bytes } satisfies Segment)
        : slot;
    return merged.map(({ key, pieces }) => ({ key, pieces: pieces.map(placed) }));
  }

  close(): Promise<void> {
    return this.#reads.close();
  }
}
