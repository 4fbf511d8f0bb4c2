/**
 * `read_text`, `map`, `flatten`, `frequencies`: a count for each word.
 *
 *     fanjoin run examples/from-python/dask/frequencies.ts examples/from-python/data/texts --output -
 */
import { defineJob, files, fold } from "fanjoin";

/** Pairs, because words such as `constructor` are unsafe as keys of an object. */
type Counts = [word: string, count: number][];

function add(left: Counts, right: Counts): Counts {
  const counts = new Map(left);
  for (const [word, count] of right) counts.set(word, (counts.get(word) ?? 0) + count);
  return [...counts];
}

export default defineJob({
  name: "frequencies",
  input: files({ as: "text" }),
  process: ({ text }) => {
    const words = text.split(/\s+/).filter((word) => word !== "");
    return add(
      [],
      words.map((word) => [word, 1]),
    );
  },
  join: fold({ init: (): Counts => [], add, merge: add, finish: (counts) => Object.fromEntries(counts) }),
});
