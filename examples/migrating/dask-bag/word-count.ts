/**
 * The most frequent words of some books.
 *
 *     fanjoin run word-count.ts 'books/*.txt'
 */
import { defineJob, fold, lines } from "fanjoin";

/** Pairs, because words such as `constructor` are unsafe as keys of an object. */
type Frequencies = [word: string, count: number][];

function wordsOf(line: string): Frequencies {
  const words = line.toLowerCase().match(/[a-z]+/g) ?? [];
  return words.map((word) => [word, 1]);
}

function add(left: Frequencies, right: Frequencies): Frequencies {
  const frequencies = new Map(left);
  for (const [word, count] of right) frequencies.set(word, (frequencies.get(word) ?? 0) + count);
  return [...frequencies];
}

/** The most frequent first; of words with the same count the last in the alphabet, as `topk` with its key. */
function compare([wordA, countA]: Frequencies[number], [wordB, countB]: Frequencies[number]): number {
  return countB - countA || (wordA > wordB ? -1 : 1);
}

export default defineJob({
  name: "word-count",
  input: lines(),
  process: wordsOf,
  join: fold({
    init: (): Frequencies => [],
    add,
    merge: add,
    finish: (frequencies) => frequencies.toSorted(compare).slice(0, 5),
  }),
});
