/** Which records a batch has besides its own: what is removed with it. */

/**
 * The kinds of records whose keys begin with `<kind>/<batch>/`, in the order in which they may be removed:
 * none that is left names one that is gone. Nodes name partials; partials and plan entries name objects.
 */
const BELOW = ["hedges", "node", "partial", "journal", "plan"] as const;
/** The kinds of records whose key is `<kind>/<batch>`. */
const BESIDE = ["failures", "sweep", "in-flight"] as const;

export function prefixesOf(batch: string): readonly string[] {
  return BELOW.map((kind) => `${kind}/${batch}/`);
}

export function keysOf(batch: string): readonly string[] {
  return BESIDE.map((kind) => `${kind}/${batch}`);
}
