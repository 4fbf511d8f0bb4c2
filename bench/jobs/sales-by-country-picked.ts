/** A group-by over two of the columns. */
import { count, csv, defineJob, groupBy, sum } from "fanjoin";

export default defineJob({
  name: "sales-by-country-picked",
  input: csv({ pick: ["country", "amount"] }),
  process: (row) => row,
  join: groupBy((row) => row.country, { total: sum((row) => Number(row.amount)), n: count() }),
});
