/** Where an item stands in the input. It does not depend on how the input is cut. */

export interface InputPlace {
  /** The number of the source, from 0. */
  readonly source: number;
  /** Tells the item from every other of its source: its offset in bytes, or its number. Ascending. */
  readonly key: number;
}
