declare const dropped: unique symbol;

/** The type of `drop`. */
export interface Drop {
  readonly [dropped]: true;
}

/**
 * Returned by `process`, it leaves the item out of the join and the outputs: a filter. The item counts as
 * succeeded. It is the same in every copy of this package.
 */
export const drop = Symbol.for("fanjoin.drop") as unknown as Drop;
