/**
 * Which words does a book use most? Each file of a folder is an item. The result is one list, sorted at the
 * end.
 *
 *     fanjoin run examples/word-count.ts events/inputs/alice
 */
import { defineJob, files, fold } from "fanjoin";

/** A word may contain apostrophes (`don’t`), but quotation marks around it do not belong to it. */
const WORD = /\p{L}+(?:[’']\p{L}+)*/gu;
const TOP = 25;

/** Each word with its count. Pairs, because words such as `constructor` are unsafe as keys of an object. */
type Counts = [word: string, count: number][];

function countWords(text: string): Counts {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts];
}

function add(left: Counts, right: Counts): Counts {
  const counts = new Map(left);
  for (const [word, count] of right) counts.set(word, (counts.get(word) ?? 0) + count);
  return [...counts];
}

/** Most frequent first; words of equal count in alphabetical order. */
function compare([wordA, countA]: Counts[number], [wordB, countB]: Counts[number]): number {
  return countB - countA || (wordA < wordB ? -1 : 1);
}

export default defineJob({
  name: "word-count",
  input: files({ as: "text" }),
  process: (file) => countWords(file.text),
  join: fold({
    init: (): Counts => [],
    add,
    merge: add,
    // Runs once, over the whole result: the place for work that needs all of it, such as sorting.
    finish: (counts) => ({
      words: counts.reduce((sum, [, count]) => sum + count, 0),
      different: counts.length,
      top: counts.toSorted(compare).slice(0, TOP),
    }),
  }),
});
