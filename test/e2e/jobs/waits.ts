import { setTimeout as sleep } from "node:timers/promises";
import { collect, defineJob, lines } from "fanjoin";

/** A line is a number and the time that it takes, in milliseconds. */
export default defineJob({
  name: "waits",
  input: lines(),
  async process(line) {
    const [number, ms] = line.split(" ");
    await sleep(Number(ms));
    return Number(number);
  },
  join: collect(),
});
