/** The waiting of `bench io`: one request for each item, over connections that stay open. */
import { Agent, get } from "node:http";
import type { Run } from "../contestant.ts";

/** How long the server takes to answer. */
export const WAIT_MS = 50;
/** In each thread. */
export const IN_FLIGHT = 64;
/** Items before the measured ones: connections are open, the code is compiled. */
export const WAITING_WARM_UP = 2000;

const agent = new Agent({ keepAlive: true });

export function ask(url: string, n: number, signal?: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = get(`${url}?n=${n}`, { agent, ...(signal && { signal }) }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => (text += part));
    response.on("end", () => resolve(Number(text)));
    response.on("error", reject);
  });
  request.on("error", reject);
  return promise;
}

/** What a contestant reports that had `inFlight` items under way at once. */
export function waitingRun(
  items: number,
  inFlight: number,
  ms: number,
  cpu: NodeJS.CpuUsage,
  sum: number,
): Run {
  const idealMs = Math.ceil(items / inFlight) * WAIT_MS;
  const cpuMs = (cpu.user + cpu.system) / 1000;
  return {
    figures: { ms, cpuMs, perSecond: (items / ms) * 1000, ofIdeal: (idealMs / ms) * 100 },
    answer: sum === (items * (items - 1)) / 2 ? "every item once" : `${sum} for ${items} items`,
  };
}
