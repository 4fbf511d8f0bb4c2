/** A deliberately awful file: its reader, and the expected outcome. */
export type Awful = File & Fate;

export interface File {
  readonly name: string;
  readonly reader: "csv" | "jsonl" | "lines" | "json";
  readonly content: string | Uint8Array;
}

/**
 * `items` succeed and `failed` are failed items, or the whole file is `refused`. `damage`: the last failed
 * item stands for the rest of the file; its message matches.
 */
export type Fate =
  | { readonly items: number; readonly failed: number; readonly damage?: RegExp }
  | { readonly refused: RegExp };

/** A limit that is given to the readers of awful files. */
export const MAX_UNPACKED_BYTES = 2_000_000;
