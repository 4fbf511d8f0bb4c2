/**
 * `autoretry_for`, `max_retries`, `retry_backoff`: the option `retries`.
 *
 *     fanjoin run examples/from-python/celery/retry.ts --output -
 */
import { collect, defineJob, range } from "fanjoin";

class Busy extends Error {}
class Refused extends Error {}

export default defineJob({
  name: "retry",
  input: range(4),
  // `on: (error) => error instanceof Busy` is nearer to `autoretry_for`: only these are tried again.
  retries: { limit: 3, baseMs: 10, except: [Refused] },
  process(n, { attempt }) {
    if (n === 2) throw new Refused("never");
    if (attempt < 3) throw new Busy("later");
    return [n, attempt];
  },
  join: collect(),
});
