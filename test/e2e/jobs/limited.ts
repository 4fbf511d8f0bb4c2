import { collect, defineJob, range } from "fanjoin";

/** Five calls in a second, over all workers. An output is the time of its call. */
export default defineJob({
  name: "limited",
  input: range(30),
  chunk: { items: 3 },
  rateLimit: { perSecond: 5, burst: 1 },
  process: () => Date.now(),
  join: collect(),
});
