/** The task `Totals`: the cents of a day, by country. */
import { defineJob, groupBy, jsonl, sum } from "fanjoin";
import * as z from "zod";

export default defineJob({
  name: "totals",
  input: jsonl(),
  item: z.object({ country: z.string(), cents: z.int() }),
  process: (order) => order,
  join: groupBy(
    (order) => order.country,
    sum((order) => order.cents),
  ),
});
