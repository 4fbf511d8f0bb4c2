/**
 * Text that grows while a chunk runs, and becomes pieces: short text stays text, longer text goes to the
 * object store.
 */
import type { Piece } from "../../core/records/contribution.ts";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";

/** Characters that are held in memory before they are written. */
const MOST_HELD = 256 * 1024;

export class PieceWriter {
  readonly #store: ObjectStore;
  readonly #name: string;
  #held = "";
  /** Of what was added, and how much of `#held` is counted in it. */
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

  /** How many bytes were added so far. */
  get bytes(): number {
    this.#bytes += Buffer.byteLength(this.#held.slice(this.#counted));
    this.#counted = this.#held.length;
    return this.#bytes;
  }

  /** Whether it is time to `unload`. */
  get heavy(): boolean {
    return this.#held.length >= MOST_HELD;
  }

  /** Writes what is held, if that is much. */
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
   * What was added, as pieces in order: none for nothing, text up to `inline` characters, else where it was
   * written.
   */
  async close(inline: number): Promise<Piece[]> {
    if (this.#writer === null && this.#held.length <= inline) {
      return this.#held === "" ? [] : [{ text: this.#held }];
    }
    if (this.#held !== "") await this.#write();
    return this.#writer ? [await this.#writer.close()] : [];
  }
}
