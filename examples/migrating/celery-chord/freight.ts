/**
 * The freight of each order, added up by country.
 *
 *     fanjoin run freight.ts orders.csv
 */
import { csv, defineJob } from "fanjoin";
import * as z from "zod";

const DOLLARS_PER_KG = { NO: 4.5, PE: 9.25, JP: 7 };

const Order = z.object({
  id: z.string().min(1),
  country: z.enum(["NO", "PE", "JP"]),
  kg: z.string().trim().min(1).pipe(z.coerce.number()),
});

export default defineJob({
  name: "freight",
  input: csv(),
  item: Order,
  retries: { limit: 3, baseMs: 1000 },
  itemTimeoutMs: 30_000,
  process: ({ country, kg }) => ({ country, dollars: kg * DOLLARS_PER_KG[country] }),
  join: (j) =>
    j.groupBy(
      (freight) => freight.country,
      j.sum((freight) => freight.dollars),
    ),
});
