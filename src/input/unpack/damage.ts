/** A source that can be read up to some point only. */
import { FanjoinError } from "../../core/errors.ts";

/** `INPUT_INVALID`, said by whatever unpacks or takes apart a source. */
export class Damage extends FanjoinError {
  /** Everything that belongs to the source came before: its last record is whole even if nothing ends it. */
  readonly afterEnd: boolean;

  constructor(message: string, afterEnd = false, cause?: unknown) {
    super("INPUT_INVALID", message, { cause });
    this.afterEnd = afterEnd;
  }
}

/** Whether an error says that a source cannot be read (any further), and other sources may well be. */
export function isUnreadable(thrown: unknown): thrown is FanjoinError {
  return thrown instanceof FanjoinError && thrown.code === "INPUT_INVALID";
}
