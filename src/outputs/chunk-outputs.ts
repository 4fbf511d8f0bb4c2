/** Finds the outputs of chunks, by the tags that the ledger names. */
import { parsePartial, partialKey } from "../core/records/contribution.ts";
import type { Contribution, Contributions, Piece } from "../core/records/contribution.ts";
import { loadBody } from "../runner/contribution/body.ts";
import { slice } from "../runner/contribution/piece-text.ts";
import type { Ledger, ObjectStore } from "../ports.ts";

export class ChunkOutputs {
  readonly #ledger: Pick<Ledger, "read">;
  readonly #store: Pick<ObjectStore, "read">;
  readonly #batch: string;
  /** The body that was read last: the chunks of a bundle lie in one. */
  #body: { readonly tag: string; readonly contributions: Contributions } | null = null;

  constructor(ledger: Pick<Ledger, "read">, store: Pick<ObjectStore, "read">, batch: string) {
    this.#ledger = ledger;
    this.#store = store;
    this.#batch = batch;
  }

  /**
   * The outputs of a chunk. `former`: an earlier pass has read those of its earlier contribution, so only
   * what was added is wanted.
   */
  async piecesOf(chunk: number, tag: string, former: string | null): Promise<readonly Piece[]> {
    const contributions = await this.#load(tag);
    const contribution = contributions[chunk];
    if (!contribution) throw new Error(`the partial ${tag} lacks the chunk ${chunk}, which the ledger names`);
    return former === null ? (contribution.outputs ?? []) : addedPieces(contribution);
  }

  /** Whether the outputs of `tag` are found without a read. */
  holds(tag: string): boolean {
    return this.#body?.tag === tag;
  }

  async #load(tag: string): Promise<Contributions> {
    if (this.#body?.tag === tag) return this.#body.contributions;
    const key = partialKey(this.#batch, tag);
    const [record = null] = await this.#ledger.read([key]);
    const contributions = await loadBody(this.#store, parsePartial(key, record));
    this.#body = { tag, contributions };
    return contributions;
  }
}

/**
 * What a redrive added to the outputs of a chunk. Of a chunk that had to run again as a whole, that is
 * everything.
 */
function addedPieces({ outputs = [], added }: Contribution): readonly Piece[] {
  return added ? added.flatMap(([from = 0, to = 0]) => slice(outputs, from, to)) : outputs;
}
