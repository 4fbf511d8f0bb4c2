/**
 * How much was sold in each country?
 *
 *     npm start                             # over orders.csv
 *     npx fanjoin run job.ts 'data/*.csv'   # over files of your own
 */
import { count, csv, defineJob, groupBy, sum } from "fanjoin";
import * as z from "zod";

/** A row that does not fit is a failed item: it is listed with its line, and the others count. */
const Order = z.object({
  country: z.string().trim().min(1),
  amount: z.string().trim().min(1).pipe(z.coerce.number()),
});
type Order = z.output<typeof Order>;

export default defineJob({
  name: "sales-by-country",
  input: csv(),
  item: Order,
  process: (order) => order,
  join: groupBy((order: Order) => order.country, {
    total: sum((order: Order) => order.amount),
    orders: count(),
  }),
});
