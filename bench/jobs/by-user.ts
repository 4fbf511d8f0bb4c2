/** The sum and count of each of many users. */
import { csv, defineJob } from "fanjoin";

export default defineJob({
  name: "by-user",
  input: csv<"user" | "amount">(),
  process: (row) => ({ user: row.user, amount: Number(row.amount) }),
  join: (j) => j.groupBy((row) => row.user, { total: j.sum((row) => row.amount), n: j.count() }),
});
