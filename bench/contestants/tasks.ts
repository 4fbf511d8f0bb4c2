/** The no-op tasks of `bench chunks`: number n returns n, and all are added up. */

/** Tasks that every contestant runs before it is measured: threads are up, and the code is compiled. */
export const WARM_UP = 10_000;

/** The same for every contestant that has done all of its tasks, however many. */
export function answerOf(sum: number, tasks: number): string {
  return sum === (tasks * (tasks - 1)) / 2 ? "every task once" : `${sum} for ${tasks} tasks`;
}
