/** How many different users there are. */
import { csv, defineJob } from "fanjoin";

export default defineJob({
  name: "distinct-users",
  input: csv<"user" | "amount">(),
  process: (row) => row.user,
  join: (j) => j.distinct(),
});
