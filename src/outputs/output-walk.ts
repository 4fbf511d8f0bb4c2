/** Walks over the chunks of a batch from a position on, until a page is full or nothing more is settled. */
import { FAN_IN } from "../core/records/tree.ts";
import type { Piece } from "../core/records/contribution.ts";
import type { Ledger, ObjectStore } from "../ports.ts";
import { bytesOf } from "../runner/contribution/piece-text.ts";
import { ChunkOutputs } from "./chunk-outputs.ts";
import { nextGeneration, passOver } from "./history.ts";
import type { History, Pass } from "./history.ts";
import { LeafWindow } from "./leaf-window.ts";
import type { ChunkState } from "./leaf-window.ts";
import type { PageBytes } from "./page-bytes.ts";
import type { ReadPosition } from "./read-position.ts";
import type { OutputsState } from "./read-outputs.ts";

/** Reads of ledger and store for one page: API Gateway waits for 29 seconds, a read takes 10 to 50 ms. */
const MAX_READS = 200;
/** Leaves in one read. While a batch runs, a reader in input order mostly waits for a single one. */
const LEAVES_PER_READ = 32;

export interface WalkOptions {
  readonly ledger: Pick<Ledger, "read">;
  readonly store: Pick<ObjectStore, "read">;
  readonly batch: string;
  readonly history: History;
  /** It moves. */
  readonly position: ReadPosition;
  readonly page: PageBytes;
  /** Has the outputs of the first pass, if the reader can go on in it. */
  readonly file: { readonly name: string; readonly bytes: number } | null;
}

/** `full`: the page is. `waiting`: the rest has not settled. `done`: the pass is. */
type Progress = "full" | "waiting" | "done";

export class OutputWalk {
  readonly #options: WalkOptions;
  readonly #outputs: ChunkOutputs;
  #reads = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#outputs = new ChunkOutputs(options.ledger, options.store, options.batch);
  }

  async run(): Promise<OutputsState> {
    const { history, position } = this.#options;
    for (;;) {
      const pass = passOver(history, position.pass);
      if (!pass) return "waiting";
      const reached = await this.#pass(pass);
      if (reached === "full") return "ready";
      const next = reached === "done" ? nextGeneration(history, pass.generation) : null;
      if (next === null) return reached === "done" && history.ended ? "ended" : "waiting";
      position.beginPass(next);
    }
  }

  #pass(pass: Pass): Promise<Progress> {
    const { position, file } = this.#options;
    return position.isBase && file ? this.#readFile(file, pass) : this.#readTree(pass);
  }

  async #readFile(file: NonNullable<WalkOptions["file"]>, { end }: Pass): Promise<Progress> {
    const { position, page } = this.#options;
    if (position.at < file.bytes) {
      const taken = await page.takeFile(file.name, position.at, file.bytes);
      position.advance(position.partial, taken);
    }
    if (position.at < file.bytes) return "full";
    position.finishUpTo(end ?? 0);
    return "done";
  }

  async #readTree(pass: Pass): Promise<Progress> {
    const { ledger, batch, position } = this.#options;
    const inOrder = position.order === "input";
    const leaves = inOrder && pass.isLive && position.isBase ? 1 : LEAVES_PER_READ;
    const window = new LeafWindow({ ledger, batch, pass, isBase: position.isBase, leaves });
    const begun = position.skip > 0 && !inOrder ? await this.#goOn(window) : "done";
    if (begun !== "done") return begun;
    const end = pass.end ?? Infinity;
    let reached: Progress = "done";
    for (let leaf = leafOf(position.seen.firstMissing); leaf * FAN_IN < end; leaf++) {
      const chunks = position.seen.missing(leaf * FAN_IN, Math.min(end, (leaf + 1) * FAN_IN));
      if (chunks.length === 0) continue;
      if (!window.holds(leaf)) {
        if (this.#reads++ >= MAX_READS) return "full";
        const isAny = await window.load(leaf);
        // No later chunk has settled, or very few.
        if (!isAny && pass.isLive) return "waiting";
      }
      for (const chunk of chunks) {
        const state = window.stateOf(chunk);
        const isRead = state.is === "open" ? "waiting" : await this.#read(chunk, state);
        if (isRead === "full" || (isRead === "waiting" && inOrder)) return isRead;
        if (isRead === "waiting") reached = "waiting";
      }
    }
    return reached;
  }

  /** Reads the rest of a chunk that was read in part. */
  async #goOn(window: LeafWindow): Promise<Progress> {
    const { partial } = this.#options.position;
    this.#reads++;
    await window.load(leafOf(partial));
    return this.#read(partial, window.stateOf(partial));
  }

  async #read(chunk: number, state: ChunkState): Promise<Progress> {
    const { position, page } = this.#options;
    // The cursor would get too long.
    if (!position.seen.hasRoomFor(chunk)) return "waiting";
    const pieces = state.is === "settled" ? await this.#piecesOf(chunk, state) : [];
    if (pieces === null) return "full";
    const size = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
    const skip = position.skipOf(chunk);
    if (skip < size) {
      if (page.room <= 0) return "full";
      const taken = await page.take(pieces, skip);
      position.advance(chunk, taken);
      if (skip + taken < size) return "full";
    }
    position.finish(chunk, size);
    return "done";
  }

  /** `null`: this page may read no more. */
  async #piecesOf(
    chunk: number,
    { tag, former }: Extract<ChunkState, { is: "settled" }>,
  ): Promise<readonly Piece[] | null> {
    if (!this.#outputs.holds(tag) && this.#reads++ >= MAX_READS) return null;
    const pieces = await this.#outputs.piecesOf(chunk, tag, former);
    this.#reads += pieces.filter((piece) => "name" in piece).length;
    return pieces;
  }
}

function leafOf(chunk: number): number {
  return Math.floor(chunk / FAN_IN);
}
