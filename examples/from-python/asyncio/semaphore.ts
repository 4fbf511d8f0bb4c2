/**
 * `Semaphore`, `max_workers`: four requests at once. That is for each thread, so there is one thread. To try
 * it, let a server run beside it: `python3 -m http.server 8000 --directory examples/from-python/data/texts`
 *
 *     fanjoin run examples/from-python/asyncio/semaphore.ts --threads 1 --output - \
 *       --params '{"url":"http://127.0.0.1:8000"}'
 */
import { collect, defineJob, items } from "fanjoin";
import * as z from "zod";

const PAGES = ["one", "two", "three", "one", "two", "three", "one", "two", "three", "one"];

export default defineJob({
  name: "page-sizes",
  params: z.object({ url: z.url() }),
  input: items(PAGES),
  concurrency: 4,
  itemTimeoutMs: 10_000,
  async process(page, { params, signal }) {
    const response = await fetch(`${params.url}/${page}.txt`, { signal });
    if (!response.ok) throw new Error(`${page}: status ${response.status}`); // tried again, twice
    return [page, (await response.text()).length];
  },
  join: collect(),
});
