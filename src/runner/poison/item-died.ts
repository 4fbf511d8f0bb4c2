/** An item that ended its thread or process, as the post-mortem found. */
import type { Quarantined } from "../../core/records/attempts/crash-journal.ts";

/** The finding of a post-mortem. */
export type Death = Pick<Quarantined, "index" | "code" | "error"> & { readonly chunk: number };

export class ItemDied extends Error {
  override readonly name = "ItemDied";
  readonly death: Death;

  constructor(death: Death) {
    super(`item ${death.index} of chunk ${death.chunk}: ${death.error.message}`);
    this.death = death;
  }
}
