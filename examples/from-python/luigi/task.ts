/**
 * A `Task` with a `Parameter` and a `Target`. `--id` is what `complete()` is there: the same id and the same
 * input are done once, and a second run only reports the result. `--output` writes the target whole.
 *
 *     fanjoin run examples/from-python/luigi/task.ts examples/from-python/data/orders.csv \
 *       --params '{"country":"Chile"}' --id chile --output -
 */
import { csv, defineJob, drop } from "fanjoin";
import * as z from "zod";

export default defineJob({
  name: "cents-of-country",
  input: csv(),
  params: z.object({ country: z.string() }),
  item: z.object({ country: z.string().min(1), amount: z.string().trim().min(1).pipe(z.coerce.number()) }),
  process: (row, { params }) => (row.country === params.country ? Math.round(row.amount * 100) : drop),
  join: (j) => ({ orders: j.count(), cents: j.sum() }),
});
