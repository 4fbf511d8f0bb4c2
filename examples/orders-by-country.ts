/**
 * How much was sold in each country between two days? The orders come from a web shop's API, page by page;
 * each page has the cursor of the next one.
 *
 *     fanjoin run examples/orders-by-country.ts \
 *       --params '{"url":"https://shop.example/v1/orders","from":"2026-01-01","to":"2026-03-31"}'
 */
import { defineJob, from } from "fanjoin";
import type { GenerateContext } from "fanjoin";
import * as z from "zod";

const Params = z.object({ url: z.url(), from: z.iso.date(), to: z.iso.date() });
const Page = z.object({ orders: z.array(z.unknown()), next: z.string().nullable() });
const Order = z.object({
  id: z.string(),
  country: z.string().regex(/^[A-Z]{2}$/),
  lines: z.array(z.object({ cents: z.int(), quantity: z.int().positive() })),
});

const TRIES = 5;

/** Retries a busy server, because an error in the generator ends the batch. */
async function fetchPage(url: URL, signal: AbortSignal): Promise<z.output<typeof Page>> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { signal });
    if (response.ok) return Page.parse(await response.json());
    const busy = response.status === 429 || response.status >= 500;
    if (!busy || attempt === TRIES) throw new Error(`${url.href} answered ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
  }
}

/**
 * Yields the same orders in the same order at every run, because both days are over and the pages are sorted.
 * A resumed batch relies on that: it runs its generator again.
 */
async function* orders({ params, signal }: GenerateContext<z.output<typeof Params>>): AsyncGenerator {
  const url = new URL(params.url);
  url.searchParams.set("from", params.from);
  url.searchParams.set("to", params.to);
  for (;;) {
    const { orders: page, next } = await fetchPage(url, signal);
    yield* page;
    if (next === null) return;
    url.searchParams.set("cursor", next);
  }
}

export default defineJob({
  name: "orders-by-country",
  params: Params,
  input: from(orders),
  // Validated here and not in the generator: then an invalid order is only one failed item.
  item: Order,
  process: ({ country, lines }) => ({
    country,
    cents: lines.reduce((total, { cents, quantity }) => total + cents * quantity, 0),
  }),
  join: (j) =>
    j.groupBy((order) => order.country, { orders: j.count(), cents: j.sum((order) => order.cents) }),
});
