/**
 * A dictionary of counters behind a `Lock`, or a `Manager().dict()`: a join. No lock, no lost update.
 *
 *     fanjoin run examples/from-python/sharing/counter.ts examples/from-python/data/orders.csv --output -
 */
import { csv, defineJob } from "fanjoin";
import * as z from "zod";

export default defineJob({
  name: "orders",
  input: csv(),
  item: z.object({ country: z.string().min(1), amount: z.string().trim().min(1).pipe(z.coerce.number()) }),
  process: ({ country, amount }) => ({ country, cents: Math.round(amount * 100) }),
  join: (j) =>
    j.groupBy((order) => order.country, { orders: j.count(), cents: j.sum((order) => order.cents) }),
});
