/** The finished chunks of a bundle, collected for the reply to its request. */
import type { Contribution } from "../../core/records/contribution.ts";
import type { Done } from "../../core/protocol/task.ts";
import { NO_SPAN } from "../../core/span.ts";
import type { ObjectStore } from "../../ports.ts";
import { storeBody } from "../contribution/body.ts";
import type { ChunksReply } from "../runner.ts";
import type { ChunkOutcome } from "./chunk-outcome.ts";

export class BundleReply {
  readonly #contributions: { [child: string]: Contribution } = {};
  readonly #done = new Map<number, Done>();
  #keepsAny = false;

  add(chunk: number, { totals, contribution }: ChunkOutcome): void {
    this.#done.set(chunk, { child: chunk, totals });
    // The chunks of a bundle share its tag: if the tag names a body, each of them has to be in it.
    this.#contributions[chunk] = contribution ?? { span: NO_SPAN };
    if (contribution !== null) this.#keepsAny = true;
  }

  /** Writes the body, if any chunk has something to keep. */
  async write(store: ObjectStore): Promise<ChunksReply> {
    const body = this.#keepsAny ? await storeBody(store, this.#contributions) : null;
    return { body, done: [...this.#done.values()] };
  }
}
