import { FanjoinError } from "./errors.ts";

/**
 * A function of a fold broke its contract: the job is to blame, and no item. Its message says what to write
 * instead.
 */
export class FoldError extends FanjoinError {
  /** The accumulator is not JSON: a value that was folded may have brought that in. */
  readonly notJson: boolean;

  constructor(message: string, { notJson = false }: { readonly notJson?: boolean } = {}) {
    super("MERGE_FAILED", message);
    this.notJson = notJson;
  }
}
