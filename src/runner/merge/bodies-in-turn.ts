/** The bodies of a merge, one after the other: a few are loaded ahead, and few are held. */
import type { Contribution, Contributions } from "../../core/records/contribution.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { ObjectStore } from "../../ports.ts";
import { loadBody } from "../contribution/body.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import type { MergeRequest } from "../runner.ts";

/** Bodies that are loaded at the same time, the one that is waited for included. */
const MOST_AHEAD = 16;
/**
 * Text of bodies that is held. A body that does not fit beside others is loaded again for its next child: a
 * value may have 64 MiB of text, and several times as much in memory.
 */
const MOST_BYTES = 8 * 1024 * 1024;

export class BodiesInTurn {
  readonly #store: Pick<ObjectStore, "read">;
  readonly #request: MergeRequest;
  readonly #held = new Map<number, Contributions | Promise<Contributions>>();
  readonly #lastUses = new Map<number, number>();
  #bytes = 0;
  /** The first place whose body was not looked at yet. */
  #ahead = 0;

  constructor(store: Pick<ObjectStore, "read">, request: MergeRequest) {
    this.#store = store;
    this.#request = request;
    request.children.forEach((body, place) => this.#lastUses.set(body, place));
  }

  /**
   * The contribution of the child at `place`. Places are asked for in ascending order. A promise only if
   * there is something to wait for.
   */
  take(place: number): Contribution | undefined | Promise<Contribution | undefined> {
    const body = this.#request.children[place] ?? -1;
    this.#loadAhead(place);
    const held = this.#held.get(body) ?? this.#load(body);
    return held instanceof NativePromise ? this.#takeLoaded(place, body, held) : this.#use(place, body, held);
  }

  async #takeLoaded(
    place: number,
    body: number,
    held: Promise<Contributions>,
  ): Promise<Contribution | undefined> {
    const contributions = await held;
    this.#held.set(body, contributions);
    return this.#use(place, body, contributions);
  }

  #use(place: number, body: number, contributions: Contributions): Contribution | undefined {
    if (this.#lastUses.get(body) === place || this.#bytes > MOST_BYTES) this.#drop(body);
    const { split, first } = this.#request;
    return contributions[split?.names[place] ?? first + place];
  }

  /** Ends what is under way, before an error is passed on. */
  async close(): Promise<void> {
    for (const held of this.#held.values())
      if (held instanceof NativePromise) await held.catch(() => undefined);
  }

  #loadAhead(place: number): void {
    const { children } = this.#request;
    this.#ahead = Math.max(this.#ahead, place);
    for (; this.#ahead < children.length && this.#held.size < MOST_AHEAD; this.#ahead++) {
      const body = children[this.#ahead] ?? -1;
      if (body < 0 || this.#held.has(body)) continue;
      if (this.#bytes + this.#bytesOf(body) > MOST_BYTES) return;
      // An error is for the child that waits for the body.
      this.#load(body).catch(() => undefined);
    }
  }

  #load(body: number): Promise<Contributions> {
    const piece = this.#request.bodies[body];
    if (!piece) throw new RangeError(`a merge has no body ${body}`);
    const loaded = loadBody(this.#store, piece);
    this.#held.set(body, loaded);
    this.#bytes += this.#bytesOf(body);
    return loaded;
  }

  #drop(body: number): void {
    if (this.#held.delete(body)) this.#bytes -= this.#bytesOf(body);
  }

  #bytesOf(body: number): number {
    const piece = this.#request.bodies[body];
    return piece ? bytesOf(piece) : 0;
  }
}
