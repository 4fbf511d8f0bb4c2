/** An item that ended the thread or process which ran it, witnessed by somebody who survived. */
import type { Quarantined } from "../../core/records/crash-journal.ts";

/** What the witness can tell. */
export type Death = Pick<Quarantined, "index" | "code" | "error"> & { readonly chunk: number };

export class ItemDied extends Error {
  override readonly name = "ItemDied";
  readonly death: Death;

  constructor(death: Death) {
    super(`item ${death.index} of chunk ${death.chunk}: ${death.error.message}`);
    this.death = death;
  }
}
