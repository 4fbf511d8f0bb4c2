/** Quantiles of the amounts, and the largest ten. */
import { csv, defineJob } from "fanjoin";

export default defineJob({
  name: "large-amounts",
  input: csv<"user" | "amount">(),
  process: (row) => ({ user: row.user, amount: Number(row.amount) }),
  join: (j) => ({
    quantiles: j.quantiles([0.5, 0.99], (row) => row.amount),
    top: j.top(10, (row) => row.amount),
  }),
});
