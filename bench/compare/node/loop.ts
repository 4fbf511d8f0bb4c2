/** A plain loop. */
import { integersOf } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { TASKS } from "./work.ts";

export function openLoop(): Caller {
  return {
    async map(task, numbers) {
      const values = [];
      for (const n of integersOf(numbers)) values.push(await TASKS[task](n));
      return values;
    },
    async each(task, numbers) {
      const results: (number | Error)[] = [];
      for (const n of integersOf(numbers)) {
        try {
          results.push(await TASKS[task](n));
        } catch (error) {
          results.push(error instanceof Error ? error : new Error(String(error)));
        }
      }
      return results;
    },
    close: async () => undefined,
  };
}
