/**
 * How warm is it in each city? Every item is a request to a web service.
 *
 *     npm start   # over cities.jsonl, with a service on this machine: start.ts
 *     npx fanjoin run job.ts cities.jsonl --params '{"url":"https://weather.example"}'
 */
import { collect, count, defineJob, jsonl, mean } from "fanjoin";
import * as z from "zod";

const City = z.object({ city: z.string().min(1) });
const Weather = z.object({ degrees: z.number() });
type Reading = z.output<typeof City> & z.output<typeof Weather>;

/** The service knows no such city. A retry would not change that. */
export class UnknownCity extends Error {
  override readonly name = "UnknownCity";
}

export default defineJob({
  name: "weather",
  input: jsonl(),
  item: City,
  params: z.object({ url: z.url() }),
  // Requests at once, in each thread.
  concurrency: 8,
  itemTimeoutMs: 10_000,
  retries: { limit: 4, except: [UnknownCity] },
  async process({ city }, { params, signal }): Promise<Reading> {
    const response = await fetch(`${params.url}/weather/${encodeURIComponent(city)}`, { signal });
    if (response.status === 404) throw new UnknownCity(city);
    // Whatever is thrown here is tried again, after a pause.
    if (!response.ok) throw new Error(`the service answered ${response.status}`);
    return { city, ...Weather.parse(await response.json()) };
  },
  join: { cities: count(), mean: mean((reading: Reading) => reading.degrees), readings: collect() },
});
