/** How large an input is of which the sizes of its files do not say it: their footers do. */
import { readerKinds } from "../input/kinds.ts";
import type { ObjectStore } from "../ports.ts";
import type { BatchSpec } from "./spec.ts";

/** Sources that are measured at the same time. */
const MOST_AT_ONCE = 8;

/**
 * The spec with the size of its input, if its reader can tell it and its sources are in the record. Nothing
 * but progress needs it, so a source that cannot be read leaves it out, and its chunk says why.
 */
export async function measured(spec: BatchSpec, store: ObjectStore): Promise<BatchSpec> {
  const { input, reproduces } = spec;
  const kind = readerKinds[input.reader];
  const { sources, options } = input;
  if (kind.measure === undefined || input.units !== undefined || sources.length === 0) return spec;
  let units = 0;
  try {
    for (let at = 0; at < sources.length; at += MOST_AT_ONCE) {
      const some = sources.slice(at, at + MOST_AT_ONCE);
      // What was pulled is a part of a file; its size is that of its ranges.
      const sizes = some.map(async (source) =>
        reproduces ? source.size : await kind.measure?.({ source, options, store }),
      );
      for (const size of await Promise.all(sizes)) units += size ?? 0;
    }
  } catch {
    return spec;
  }
  return { ...spec, input: { ...input, units } };
}
