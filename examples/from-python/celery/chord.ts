/**
 * `chord`: a group with a callback. `process` is the task, and `finish` of the `fold` is the callback: it
 * gets the results of all tasks, in order. A join such as `sum()` needs no list at all: see the end.
 *
 *     fanjoin run examples/from-python/celery/chord.ts --output -
 */
import { defineJob, fold, range } from "fanjoin";

/** The callback. */
function report(squares: number[]): { total: number; largest: number } {
  return { total: squares.reduce((sum, square) => sum + square, 0), largest: Math.max(...squares) };
}

export default defineJob({
  name: "squares",
  input: range(10),
  process: (n) => n * n,
  join: fold({
    init: (): number[] => [],
    add(squares, square) {
      squares.push(square);
      return squares;
    },
    merge: (left, right) => left.concat(right),
    finish: report,
  }),
  // The same without a list: `join: { total: sum(), largest: max() }`
});
