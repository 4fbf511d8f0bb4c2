import { collect, count, defineJob, groupBy, parquet, sum } from "fanjoin";

interface Sale {
  readonly id: number;
  readonly country: string;
  readonly amount: number;
}

/** The sales of a Parquet file. Rows without an amount fail. */
export default defineJob({
  name: "parquet-sales",
  input: parquet<{ readonly id: string; readonly country: string; readonly amount: string }>({
    pick: ["country", "id", "amount"],
  }),
  process({ id, country, amount }): Sale {
    if (amount === "none") throw new TypeError(`no amount: ${amount}`);
    return { id: Number(id), country, amount: Number(amount) };
  },
  join: {
    countries: groupBy((sale: Sale) => sale.country, { n: count(), total: sum((sale: Sale) => sale.amount) }),
    sales: collect(),
  },
});
