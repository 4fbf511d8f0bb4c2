/** The task `Clean`: one line of JSON for each row. */
import { collect, csv, defineJob } from "fanjoin";
import * as z from "zod";

const Row = z.object({
  country: z.string().trim().min(1).toUpperCase(),
  cents: z.string().trim().min(1).pipe(z.coerce.number()).pipe(z.int()),
});

export default defineJob({
  name: "clean",
  input: csv({ pick: ["country", "cents"] }),
  item: Row,
  process: (order) => order,
  join: collect(),
});
