/**
 * The failed items of a batch that runs, from what its chunks have left behind: nothing is written for it,
 * and each reader reads a bounded part.
 */
import type { FailedLine } from "../core/failures/failed-line.ts";
import { parsePartial, partialKey } from "../core/records/contribution.ts";
import type { Contribution, Contributions, Piece } from "../core/records/contribution.ts";
import type { Fields } from "../core/records/record.ts";
import { FAN_IN, NodeView, namesNothing, nodeKey, previousTag } from "../core/records/tree.ts";
import { loadBody } from "../runner/contribution/body.ts";
import { failedLines } from "../runner/merge/coalesce.ts";
import type { Ledger, ObjectStore } from "../ports.ts";
import { historyOf, passOver } from "./history.ts";

export interface FailedSource {
  readonly ledger: Pick<Ledger, "read">;
  readonly store: Pick<ObjectStore, "read">;
}

/** A settled chunk that may have failed items: its number, and what names its contribution. */
export interface FailedChunk {
  readonly chunk: number;
  readonly tag: string;
}

export interface FailedOfChunk {
  readonly chunk: number;
  readonly lines: readonly FailedLine[] | null;
}

/** A leaf of the tree. `isFinal`: no further chunk of it will settle. */
export interface FailedLeaf {
  readonly index: number;
  readonly isFinal: boolean;
  readonly chunks: readonly FailedChunk[];
}

/** Leaves in one read. */
export const LEAVES_PER_READ = 100;
/** Their contributions have at most 8 KiB each in the ledger. */
const CHUNKS_PER_READ = 25;

export class FailedChunks {
  /** Requests to ledger and store so far. */
  reads = 0;
  readonly #source: FailedSource;
  readonly #batch: string;
  /** Those whose leaves tell about the chunks, newest first. */
  readonly #generations: readonly number[];
  /** Of some leaves, by tag: the chunks of a bundle lie in one body. */
  readonly #pieces = new Map<string, Piece>();
  readonly #bodies = new Map<string, Contributions>();

  /** `fields`: the record of the batch. */
  constructor(source: FailedSource, batch: string, fields: Fields) {
    const history = historyOf(fields);
    this.#source = source;
    this.#batch = batch;
    this.#generations = passOver(history, history.newest)?.generations ?? [];
  }

  /** `LEAVES_PER_READ` leaves from `first` on. `null`: none of them has a record. */
  async leaves(first: number): Promise<readonly FailedLeaf[] | null> {
    const generations = this.#generations;
    if (generations.length === 0) return null;
    const indexes = Array.from({ length: LEAVES_PER_READ }, (_, place) => first + place);
    const records = await Promise.all(
      generations.map((generation) =>
        this.#read(indexes.map((index) => nodeKey({ batch: this.#batch, generation, level: 0, index }))),
      ),
    );
    this.#pieces.clear();
    this.#bodies.clear();
    if (records.every((ofOne) => ofOne.every((fields) => fields === null))) return null;
    return indexes.map((index, place) => {
      const [own = null, ...before] = records.map((ofOne) => ofOne[place] ?? null);
      const views = before.flatMap((fields) => (fields ? [new NodeView(fields, FAN_IN)] : []));
      return leafOf(index, own, views);
    });
  }

  /** The failed items of each chunk. `null`: its contribution cannot be read yet. */
  async *linesOf(chunks: readonly FailedChunk[]): AsyncGenerator<FailedOfChunk> {
    for (let begin = 0; begin < chunks.length; begin += CHUNKS_PER_READ) {
      const some = chunks.slice(begin, begin + CHUNKS_PER_READ);
      await this.#find(some.map(({ tag }) => tag));
      for (const { chunk, tag } of some) {
        const body = this.#bodies.get(tag) ?? (await this.#load(tag));
        yield { chunk, lines: body && (await this.#linesIn(body[chunk])) };
      }
    }
  }

  /** Where the bodies of these tags are. */
  async #find(tags: readonly string[]): Promise<void> {
    const keys = new Map(
      tags.filter((tag) => !this.#pieces.has(tag)).map((tag) => [tag, partialKey(this.#batch, tag)]),
    );
    if (keys.size === 0) return;
    const records = await this.#read([...keys.values()]);
    for (const [place, [tag, key]] of [...keys].entries()) {
      const record = records[place] ?? null;
      if (record) this.#pieces.set(tag, parsePartial(key, record));
    }
  }

  async #load(tag: string): Promise<Contributions | null> {
    const piece = this.#pieces.get(tag);
    if (!piece) return null;
    if ("name" in piece) this.reads++;
    const body = await loadBody(this.#source.store, piece);
    this.#bodies.set(tag, body);
    return body;
  }

  async #linesIn(contribution: Contribution | undefined): Promise<FailedLine[]> {
    const { failed = [] } = contribution ?? {};
    this.reads += failed.filter(({ piece }) => "name" in piece).length;
    const lines: FailedLine[] = [];
    for await (const _ of failedLines(this.#source.store, failed, (line) => lines.push(line)));
    return lines;
  }

  #read(keys: readonly string[]): Promise<(Fields | null)[]> {
    this.reads++;
    return this.#source.ledger.read(keys, { stale: true });
  }
}

/** `before`: the leaf in earlier generations, whose failed items are not those of this redrive. */
function leafOf(index: number, own: Fields | null, before: readonly NodeView[]): FailedLeaf {
  const view = new NodeView(own, FAN_IN);
  const { failed, broken } = view.totals();
  // The totals of a redrive are differences.
  const isWhole = before.length === 0 && failed + broken === 0;
  const chunks = isWhole
    ? []
    : view.tags().flatMap((tag, child): FailedChunk[] => {
        const isNew = tag !== null && !namesNothing(tag) && tag !== previousTag(before, child);
        return isNew ? [{ chunk: index * FAN_IN + child, tag }] : [];
      });
  return { index, isFinal: own !== null && view.final, chunks };
}
