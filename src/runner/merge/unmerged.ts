/**
 * The large values of a node's children, passed on as they are. To merge them here helps the merge above only
 * as far as groups of several children become one; it costs their reading, and the writing of what comes of
 * it. So a few children are merged, and if most of their groups differ, the blocks of all children are only
 * listed: the root merges them once, in the same order.
 */
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { Json } from "../../core/json/json.ts";
import type { ObjectStore } from "../../ports.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import { writeBlocks } from "../contribution/value-blocks.ts";
import type { LargeValues } from "../contribution/value-blocks.ts";

/** Groups after which it is known well enough how many differ. */
const SAMPLE_GROUPS = 65_536;
/** If half of a node's groups are distinct, and keys are spread evenly: (1 - e^-x) / x = 1/2. */
const AT_HALF = 1.5936;
/** Blocks are listed up to this share of the largest value. A node with more finds out what they come to. */
const MOST_SHARE = 1 / 2;

export class Unmerged {
  readonly #store: ObjectStore;
  readonly #large: LargeValues;
  /** How many children the node has. */
  readonly #children: number;
  readonly pieces: Piece[] = [];
  #bytes = 0;
  /** The groups of the children so far, as often as they come. */
  groups = 0;
  #seen = 0;
  /** Nothing is merged any more. */
  isDecided = false;

  constructor(store: ObjectStore, large: LargeValues, children: number) {
    this.#store = store;
    this.#large = large;
    this.#children = children;
  }

  /** Whether the value of a child can be listed with those before it. */
  takes({ blocks = [], groups }: Contribution): boolean {
    if (!this.isDecided && groups === undefined) return false;
    const bytes = blocks.reduce((sum, piece) => sum + bytesOf(piece), 0);
    return this.#bytes + bytes <= this.#large.mostBytes * MOST_SHARE;
  }

  /** `values`: of a child without blocks. */
  async add({ blocks, groups = 0 }: Contribution, values: readonly Json[]): Promise<void> {
    const texts = values.map((value) => JSON.stringify(value));
    const pieces = blocks ?? (texts.length > 0 ? await writeBlocks(this.#store, texts, this.#large) : []);
    for (const piece of pieces) this.#bytes += bytesOf(piece);
    this.pieces.push(...pieces);
    this.groups += groups;
    this.#seen++;
  }

  /** Decides, once enough is known. `merged`: how many groups the children so far have come to. */
  decide(merged: number, isEnd: boolean): void {
    if (isEnd ? this.#seen === 0 : this.#seen < 2 || this.groups < SAMPLE_GROUPS) return;
    const part = isEnd ? AT_HALF : (AT_HALF * this.#seen) / this.#children;
    this.isDecided = merged / this.groups > (1 - Math.exp(-part)) / part;
  }
}
