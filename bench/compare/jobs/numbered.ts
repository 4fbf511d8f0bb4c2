/** An item is the number of a task; `params` say which task, and the first number. */
import * as z from "zod";
import { TASKS } from "../node/work.ts";

export const Params = z.object({
  task: z.enum(["noop", "cpu", "file", "network", "trial"]),
  first: z.int(),
});

export function run(n: number, { params }: { params: z.infer<typeof Params> }): number | Promise<number> {
  return TASKS[params.task](params.first + n);
}
