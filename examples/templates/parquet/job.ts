/**
 * How much was sold in each country, from Parquet files? Only the picked columns are read.
 *
 *     npm start                                 # over orders.parquet
 *     npx fanjoin run job.ts 'data/*.parquet'   # over files of your own
 */
import { count, defineJob, groupBy, parquet, sum } from "fanjoin";
import * as z from "zod";

/** Decimals come as text with all their digits: "12.50". A row that does not fit is a failed item. */
const Order = z.object({
  country: z.string().min(1),
  amount: z.string().trim().min(1).pipe(z.coerce.number()),
});
type Order = z.output<typeof Order>;

export default defineJob({
  name: "parquet-sales",
  input: parquet({ pick: ["country", "amount"] }),
  item: Order,
  process: (order) => order,
  join: groupBy((order: Order) => order.country, {
    total: sum((order: Order) => order.amount),
    orders: count(),
  }),
});
