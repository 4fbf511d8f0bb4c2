/**
 * Collects text while a chunk runs. Short text becomes a piece of text, longer text goes to the object store.
 */
import type { Piece } from "../../core/records/contribution.ts";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";

/** Characters that are held in memory before they are written. */
const MAX_HELD_CHARS = 256 * 1024;

export class PieceWriter {
  readonly #store: ObjectStore;
  readonly #name: string;
  #held = "";
  /** Bytes of the added text. `#counted` characters of `#held` are included. */
  #bytes = 0;
  #counted = 0;
  #writer: ObjectWriter | null = null;

  constructor(store: ObjectStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  add(text: string): void {
    this.#held += text;
  }

  /** The bytes of all text added so far. */
  get bytes(): number {
    this.#bytes += Buffer.byteLength(this.#held.slice(this.#counted));
    this.#counted = this.#held.length;
    return this.#bytes;
  }

  /** Whether it is time to `unload`. */
  get heavy(): boolean {
    return this.#held.length >= MAX_HELD_CHARS;
  }

  /** Writes the held text if it is long. */
  async unload(): Promise<void> {
    if (!this.heavy) return;
    await this.#write();
  }

  async #write(): Promise<void> {
    this.#writer ??= this.#store.create(this.#name);
    const text = this.#held;
    this.#bytes = this.bytes;
    this.#held = "";
    this.#counted = 0;
    await this.#writer.write(text);
  }

  /**
   * All text that was added, as pieces in order: none if it is empty, a text piece up to `inline` characters,
   * otherwise a segment in the store.
   */
  async close(inline: number): Promise<Piece[]> {
    if (this.#writer === null && this.#held.length <= inline) {
      return this.#held === "" ? [] : [{ text: this.#held }];
    }
    if (this.#held !== "") await this.#write();
    return this.#writer ? [await this.#writer.close()] : [];
  }
}
