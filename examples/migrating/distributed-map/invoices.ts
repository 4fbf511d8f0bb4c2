/**
 * Invoices of orders, as the state machine made them.
 *
 *     fanjoin run invoices.ts orders.csv --params '{"vatPercent":25}' --max-items 1000000
 */
import { collect, csv, defineJob } from "fanjoin";
import * as z from "zod";

const Order = z.object({
  id: z.string().min(1),
  // In place of BadOrder: such a row fails at once, and without a try.
  net: z.string().trim().min(1).pipe(z.coerce.number()),
});

export default defineJob({
  name: "invoices",
  input: csv(), // ItemReader
  item: Order,
  params: z.object({ vatPercent: z.number() }), // ItemSelector
  tolerate: { percent: 5 }, // ToleratedFailurePercentage
  deadlineMs: 7_200_000, // TimeoutSeconds of the Map
  itemTimeoutMs: 30_000, // TimeoutSeconds of the Task
  retries: { limit: 3, baseMs: 1000, maxMs: 10_000 }, // Retry
  process: ({ id, net }, { params }) => ({
    id,
    gross: Math.round(net * (100 + params.vatPercent)) / 100,
  }),
  join: collect(), // ResultWriter
});
