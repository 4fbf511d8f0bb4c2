import { setTimeout as sleep } from "node:timers/promises";
import { collect, defineJob, lines } from "fanjoin";

/** A job whose lines are a number and the time that it takes, in milliseconds. */
export function waitsJob(name: string) {
  return defineJob({
    name,
    input: lines(),
    async process(line) {
      const [number, ms] = line.split(" ");
      await sleep(Number(ms));
      return Number(number);
    },
    join: collect(),
  });
}
