/**
 * Which suppliers' VAT numbers are valid? Every row asks a web service, which is slow, busy at times, and
 * breaks down now and then.
 *
 * fanjoin run examples/supplier-check.ts events/inputs/suppliers.csv --params
 * '{"url":"https://vat.example/v1"}'
 */
import { collect, count, csv, defineJob, sum } from "fanjoin";
import * as z from "zod";

const Supplier = z.object({
  supplier: z.string().min(1),
  country: z.string().regex(/^[A-Z]{2}$/),
  vat: z.string().regex(/^[0-9A-Z]{2,12}$/),
});
const Answer = z.object({ valid: z.boolean(), name: z.string().nullable() });

/** The service has answered, and would not answer otherwise if it were asked again. */
class Refused extends Error {
  override readonly name = "Refused";
}

export default defineJob({
  name: "supplier-check",
  input: csv(),
  item: Supplier,
  params: z.object({ url: z.url() }),
  // In each thread: with `--concurrency 2` the service sees 16 calls at once, and never more.
  concurrency: 8,
  // For each try. `signal` is aborted then, so that the connection is given up too.
  itemTimeoutMs: 2000,
  retries: { limit: 4, baseMs: 200, except: [Refused] },
  async process({ supplier, country, vat }, { params, signal }) {
    const response = await fetch(`${params.url}/${country}/${vat}`, { signal });
    const said = `the service said ${response.status} to ${country}${vat}`;
    // Too much or broken: worth another try, as are a dropped connection and a timeout.
    if (response.status === 429 || response.status >= 500) throw new Error(said);
    if (!response.ok) throw new Refused(said);
    const { valid, name } = Answer.parse(await response.json());
    return { supplier, vat: country + vat, valid, registeredAs: name };
  },
  join: {
    checked: count(),
    valid: sum((row: { valid: boolean }) => Number(row.valid)),
    rows: collect(),
  },
});
