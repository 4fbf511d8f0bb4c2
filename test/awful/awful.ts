/** What a deliberately awful file is: the reader with which it is awful, and what is to become of it. */
export type Awful = File & Fate;

export interface File {
  readonly name: string;
  readonly reader: "csv" | "jsonl" | "lines" | "json";
  readonly content: string | Uint8Array;
}

/**
 * `items` succeed and `failed` are named, or the file as a whole is `refused`. `damage`: the last one that
 * failed stands for the rest of the file, and says so.
 */
export type Fate =
  | { readonly items: number; readonly failed: number; readonly damage?: RegExp }
  | { readonly refused: RegExp };

/** Of the limits that the readers of awful files are given. */
export const MAX_UNPACKED_BYTES = 2_000_000;
