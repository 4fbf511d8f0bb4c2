/** The chunks that a reader of outputs is done with: few numbers, because chunks settle nearly in order. */

/**
 * The most numbers that a set takes. Then a chunk is accepted only beside one that is in the set, so that a
 * cursor fits into a URL whatever the order in which chunks settle.
 */
const MAX_EDGES = 401;

export class ChunkSet {
  /**
   * Chunks below the first number are in the set, those from there up to the second are not, and so on. Their
   * number is odd.
   */
  readonly #edges: number[];

  private constructor(edges: number[]) {
    this.#edges = edges;
  }

  static upTo(end: number): ChunkSet {
    return new ChunkSet([end]);
  }

  /** `null` for numbers that `distances` did not return. */
  static parse(distances: readonly number[]): ChunkSet | null {
    if (distances.length % 2 === 0 || distances.length > MAX_EDGES) return null;
    if (distances.some((distance, place) => distance === 0 && place > 0)) return null;
    let edge = 0;
    return new ChunkSet(distances.map((distance) => (edge += distance)));
  }

  /** The set as numbers: each edge as its distance from the one before. */
  distances(): number[] {
    return this.#edges.map((edge, place) => edge - (this.#edges[place - 1] ?? 0));
  }

  /** The first chunk that is not in the set. */
  get firstMissing(): number {
    return this.#edges[0] ?? 0;
  }

  /** The chunks from `from` up to `to` (exclusive) that are not in the set. */
  missing(from: number, to: number): number[] {
    const chunks: number[] = [];
    for (let place = this.#edgesUpTo(from), chunk = from; chunk < to; place++) {
      const edge = Math.min(to, this.#edges[place] ?? Infinity);
      if (place % 2 === 1) for (let missing = chunk; missing < edge; missing++) chunks.push(missing);
      chunk = edge;
    }
    return chunks;
  }

  /** Whether a chunk that is missing may be added. */
  hasRoomFor(chunk: number): boolean {
    const place = this.#edgesUpTo(chunk);
    const isBeside = this.#edges[place - 1] === chunk || this.#edges[place] === chunk + 1;
    return isBeside || this.#edges.length + 2 <= MAX_EDGES;
  }

  /** Adds a chunk that is missing. */
  add(chunk: number): void {
    const edges = this.#edges;
    const place = this.#edgesUpTo(chunk);
    const [before, after] = [edges[place - 1], edges[place]];
    if (before === chunk && after === chunk + 1) edges.splice(place - 1, 2);
    else if (before === chunk) edges[place - 1] = chunk + 1;
    else if (after === chunk + 1) edges[place] = chunk;
    else edges.splice(place, 0, chunk, chunk + 1);
  }

  /** How many edges are at or below `chunk`; an odd number if it is missing. */
  #edgesUpTo(chunk: number): number {
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle] ?? Infinity) <= chunk) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
