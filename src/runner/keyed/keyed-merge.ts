/**
 * Merges outputs by key. Of chunks they come as lines in input order, of nodes as pieces for each key. Memory
 * holds a part of the lines: it is written out, sorted by key, as a run, and runs are merged key by key.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { INLINE_BODY } from "../../core/records/contribution.ts";
import type { Contribution, KeyedPieces, Piece } from "../../core/records/contribution.ts";
import type { KeyedOutputs } from "../../joins/keyed-outputs.ts";
import type { ObjectStore } from "../../ports.ts";
import { linesOf } from "../contribution/piece-text.ts";
import { parseKeyedLine } from "./keyed-lines.ts";
import { mergeRuns } from "./merge-runs.ts";

/** A file for each: more would be for a table, not for a folder. */
const MAX_KEYS = 10_000;
/** Characters of lines that are held, those of keys not counted. */
const MOST_HELD_CHARS = 24 * 1024 * 1024;

export class KeyedMerge {
  readonly #store: ObjectStore;
  readonly #outputs: KeyedOutputs;
  /** Sorted pieces, in input order. */
  readonly #runs: KeyedPieces[] = [];
  /** The texts of the lines since the last run. */
  #held = new Map<string, string[]>();
  #heldChars = 0;

  constructor(store: ObjectStore, outputs: KeyedOutputs) {
    this.#store = store;
    this.#outputs = outputs;
  }

  /** The outputs of the next child. Throws `JOIN_TOO_LARGE` for too many keys. */
  async add({ outputs = [], keyed }: Pick<Contribution, "outputs" | "keyed">): Promise<void> {
    for (const piece of outputs) await this.#addLines(piece);
    if (keyed === undefined) return;
    await this.#endRun();
    this.#runs.push(keyed);
  }

  async #addLines(piece: Piece): Promise<void> {
    for await (const text of linesOf(this.#store, piece)) {
      const { key, line } = parseKeyedLine(text);
      const texts = this.#held.get(key);
      const own = this.#outputs.textOf(line);
      if (texts) texts.push(own);
      else this.#held.set(key, [own]);
      this.#heldChars += own.length;
      checkKeys(this.#held.size);
      if (this.#heldChars > MOST_HELD_CHARS) await this.#endRun();
    }
  }

  async #endRun(): Promise<void> {
    if (this.#held.size === 0) return;
    this.#runs.push(await this.#written(sortedTexts(this.#held)));
    this.#held = new Map();
    this.#heldChars = 0;
  }

  /** Little text stays where it is. */
  async #written(texts: readonly (readonly [string, string])[]): Promise<KeyedPieces> {
    if (this.#heldChars <= INLINE_BODY / 2) return texts.map(([key, text]) => ({ key, pieces: [{ text }] }));
    const writer = this.#store.create("outputs/by-key");
    const ends: { readonly key: string; readonly length: number }[] = [];
    for (const [key, text] of texts) {
      await writer.write(text);
      ends.push({ key, length: Buffer.byteLength(text) });
    }
    const { name, offset } = await writer.close();
    let at = offset;
    return ends.map(({ key, length }) => {
      const piece = { name, offset: at, length };
      at += length;
      return { key, pieces: [piece] };
    });
  }

  /** All outputs so far, sorted by key. */
  async pieces(): Promise<KeyedPieces> {
    await this.#endRun();
    const keys = new Set(this.#runs.flatMap((run) => run.map(({ key }) => key)));
    checkKeys(keys.size);
    const merged = await mergeRuns(this.#store, this.#runs, [...keys].toSorted(byCodeUnits));
    this.#runs.splice(0, this.#runs.length, merged);
    return merged;
  }
}

function sortedTexts(held: ReadonlyMap<string, readonly string[]>): (readonly [string, string])[] {
  return [...held]
    .toSorted(([one], [other]) => byCodeUnits(one, other))
    .map(([key, texts]) => [key, texts.join("")] as const);
}

/** The same order on every machine. */
function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function checkKeys(count: number): void {
  if (count <= MAX_KEYS) return;
  throw new FanjoinError(
    "JOIN_TOO_LARGE",
    `collect({ by }) has more than ${MAX_KEYS} keys, and writes a file for each: choose a key with fewer values`,
  );
}
