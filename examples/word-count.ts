/**
 * Which words does a book use most? Every file of a folder is an item; what comes out is one list, sorted at
 * the end.
 *
 * fanjoin run examples/word-count.ts events/inputs/alice
 */
import { defineJob, files, fold } from "fanjoin";

/** A letter first, so that quotation marks are none, and an apostrophe within: `don’t` is a word. */
const WORD = /\p{L}+(?:[’']\p{L}+)*/gu;
const TOP = 25;

/** How often each word is there, as pairs: words such as `constructor` are bad keys of objects. */
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

/** The most frequent first; among equals in the order of the alphabet. */
function compare([word, count]: Counts[number], [other, ofOther]: Counts[number]): number {
  return ofOther - count || (word < other ? -1 : 1);
}

export default defineJob({
  name: "word-count",
  input: files({ as: "text" }),
  process: (file) => countWords(file.text),
  join: fold({
    init: (): Counts => [],
    add,
    merge: add,
    // Runs once, over everything: here is the place for what needs the whole, such as an order.
    finish: (counts) => ({
      words: counts.reduce((sum, [, count]) => sum + count, 0),
      different: counts.length,
      top: counts.toSorted(compare).slice(0, TOP),
    }),
  }),
});
