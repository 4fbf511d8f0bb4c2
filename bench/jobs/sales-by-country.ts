/** A group-by over whole rows. */
import { count, csv, defineJob, groupBy, sum } from "fanjoin";

export default defineJob({
  name: "sales-by-country",
  input: csv(),
  process: (row) => row,
  join: groupBy((row) => row["country"] ?? "", { total: sum((row) => Number(row["amount"])), n: count() }),
});
