/** Errors of sources that can be read only up to some point. */
import { FanjoinError } from "../../core/errors.ts";

/** `INPUT_INVALID`, thrown while a source is unpacked or taken apart. */
export class Damage extends FanjoinError {
  /** The fault lies after the end of the data: the last record is whole even without a line end. */
  readonly afterEnd: boolean;

  constructor(message: string, afterEnd = false, cause?: unknown) {
    super("INPUT_INVALID", message, { cause });
    this.afterEnd = afterEnd;
  }
}

/** Whether an error means that this source cannot be read (any further). Other sources may be fine. */
export function isUnreadable(thrown: unknown): thrown is FanjoinError {
  return thrown instanceof FanjoinError && thrown.code === "INPUT_INVALID";
}
