/** Errors of sources that can be read only up to some point. */
import { FanjoinError } from "../../core/errors/errors.ts";

export interface DamageDetails {
  /** The fault lies after the end of the data: the last record is whole even without a line end. */
  readonly afterEnd?: boolean;
  /** Some items before the fault may be wrong, too. */
  readonly inDoubt?: boolean;
  readonly cause?: unknown;
}

/** `INPUT_INVALID`, thrown while a source is unpacked or taken apart. */
export class Damage extends FanjoinError {
  readonly afterEnd: boolean;
  readonly inDoubt: boolean;

  constructor(message: string, { afterEnd = false, inDoubt = false, cause }: DamageDetails = {}) {
    super("INPUT_INVALID", message, { cause });
    this.afterEnd = afterEnd;
    this.inDoubt = inDoubt;
  }
}

/** Whether an error means that this source cannot be read (any further). Other sources may be fine. */
export function isUnreadable(thrown: unknown): thrown is FanjoinError {
  return thrown instanceof FanjoinError && thrown.code === "INPUT_INVALID";
}
