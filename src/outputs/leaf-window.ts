/** Reads the leaves of a pass, some at a time, and says what has become of their chunks. */
import { FAN_IN, namesNothing, nodeKey, NodeView, previousTag } from "../core/records/tree.ts";
import type { Ledger } from "../ports.ts";
import type { Pass } from "./history.ts";

/** A leaf in the generation of the pass (`null`: it is not there), and in those before, newest first. */
interface LeafViews {
  readonly own: NodeView | null;
  readonly before: readonly NodeView[];
}

/** What a pass finds of a chunk. */
export type ChunkState =
  | { readonly is: "open" }
  | { readonly is: "empty" }
  /** `tag` names its contribution; `former` the one of which an earlier pass has read the outputs. */
  | { readonly is: "settled"; readonly tag: string; readonly former: string | null };

const OPEN = { is: "open" } as const;
const EMPTY = { is: "empty" } as const;

export interface LeafWindowOptions {
  readonly ledger: Pick<Ledger, "read">;
  readonly batch: string;
  readonly pass: Pass;
  /** The first pass of a reader, which reads everything that there is. */
  readonly isBase: boolean;
  /** How many leaves are read at a time. */
  readonly leaves: number;
}

export class LeafWindow {
  readonly #options: LeafWindowOptions;
  #first = 0;
  #views: readonly LeafViews[] = [];

  constructor(options: LeafWindowOptions) {
    this.#options = options;
  }

  /** Whether `leaf` is among those that were read. */
  holds(leaf: number): boolean {
    return leaf >= this.#first && leaf < this.#first + this.#views.length;
  }

  /** Reads `leaf`, and some after it. False: none of them has a record in any generation. */
  async load(leaf: number): Promise<boolean> {
    const { ledger, batch, pass, leaves } = this.#options;
    const { generations } = pass;
    const keys = Array.from({ length: leaves }, (_, place) =>
      generations.map((generation) => nodeKey({ batch, generation, level: 0, index: leaf + place })),
    );
    const records = await ledger.read(keys.flat());
    this.#first = leaf;
    this.#views = keys.map((_, place) => {
      const [own = null, ...before] = records
        .slice(place * generations.length, (place + 1) * generations.length)
        .map((fields) => fields && new NodeView(fields, FAN_IN));
      return { own, before: before.filter((view) => view !== null) };
    });
    return records.some((fields) => fields !== null);
  }

  /** The chunk has to be in a leaf that was read. */
  stateOf(chunk: number): ChunkState {
    const { pass, isBase } = this.#options;
    const { own, before } = this.#views[Math.floor(chunk / FAN_IN) - this.#first] ?? {
      own: null,
      before: [],
    };
    const child = chunk % FAN_IN;
    const isNew = before.length === 0;
    if (pass.isLive && (own === null ? isNew : own.tag(child) === null && !own.sealed)) return OPEN;
    const former = previousTag(before, child);
    const tag = own?.tag(child) ?? (isBase ? former : null);
    if (tag === null || namesNothing(tag) || (!isBase && tag === former)) return EMPTY;
    const hasFormer = !isBase && former !== null && !namesNothing(former);
    return { is: "settled", tag, former: hasFormer ? former : null };
  }
}
