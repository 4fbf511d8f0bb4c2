import { setTimeout as sleep } from "node:timers/promises";
import { defineJob, range } from "fanjoin";

/** Each thread, and each environment, has one of its own. */
class Pool {
  readonly job: string;

  constructor(job: string) {
    this.job = job;
  }

  async tenfold(n: number): Promise<number> {
    return n * 10;
  }
}

let pools = 0;

/** A job with a setup. Its items count whether there has been one setup before them. */
export default defineJob({
  name: "owner",
  input: range(200),
  chunk: { items: 10 },
  async setup({ job }) {
    await sleep(20);
    pools += 1;
    return new Pool(job);
  },
  process: async (n, { own }) => ({
    tenfold: await own.tenfold(n),
    setUp: own.job === "owner" && pools === 1,
  }),
  join: (j) => ({
    items: j.count(),
    setUp: j.sum((o) => Number(o.setUp)),
    tenfold: j.sum((o) => o.tenfold),
  }),
});
