/**
 * Which suppliers' VAT numbers are valid? Each row needs a call to a web service that is slow, and sometimes
 * busy or broken.
 *
 *     fanjoin run examples/supplier-check.ts events/inputs/suppliers.csv \
 *       --params '{"url":"https://vat.example/v1"}'
 */
import { collect, count, csv, defineJob, sum } from "fanjoin";
import * as z from "zod";

const Supplier = z.object({
  supplier: z.string().min(1),
  country: z.string().regex(/^[A-Z]{2}$/),
  vat: z.string().regex(/^[0-9A-Z]{2,12}$/),
});
const Answer = z.object({ valid: z.boolean(), name: z.string().nullable() });

/** The service refused the request. A retry would not change its answer. */
class Refused extends Error {
  override readonly name = "Refused";
}

export default defineJob({
  name: "supplier-check",
  input: csv(),
  item: Supplier,
  params: z.object({ url: z.url() }),
  // Per thread: with `--concurrency 2` the service never receives more than 16 calls at once.
  concurrency: 8,
  // In all threads, and in all functions of a stack.
  rateLimit: { perSecond: 200 },
  // Per try. At the timeout `signal` is aborted, which also closes the connection.
  itemTimeoutMs: 2000,
  retries: { limit: 4, baseMs: 200, except: [Refused] },
  async process({ supplier, country, vat }, { params, signal }) {
    const response = await fetch(`${params.url}/${country}/${vat}`, { signal });
    const message = `the service answered ${response.status} for ${country}${vat}`;
    // Busy or broken: retried, like a dropped connection or a timeout; later, if the answer says when.
    if (response.status === 429 || response.status >= 500)
      throw Object.assign(new Error(message), { headers: response.headers });
    if (!response.ok) throw new Refused(message);
    const { valid, name } = Answer.parse(await response.json());
    return { supplier, vat: country + vat, valid, registeredAs: name };
  },
  join: {
    checked: count(),
    valid: sum((row: { valid: boolean }) => Number(row.valid)),
    rows: collect(),
  },
});
