/** A group-by over two columns of the rows of a Parquet file. */
import { count, defineJob, groupBy, parquet, sum } from "fanjoin";

interface Row {
  readonly country: string;
  readonly amount: number;
}

export default defineJob({
  name: "sales-by-country-parquet-picked",
  input: parquet<Row>({ pick: ["country", "amount"] }),
  process: (row) => row,
  join: groupBy((row: Row) => row.country, { total: sum((row: Row) => row.amount), n: count() }),
});
