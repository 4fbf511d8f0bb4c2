/** The waiting of `bench io`: requests for each item, over connections that stay open. */
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../contestant.ts";
import { waitingOf } from "./answers.ts";
import type { Service } from "./answers.ts";

/** In each thread. */
export const IN_FLIGHT = 64;
/** The same for the flaky service. */
export const FEW_IN_FLIGHT = 16;
/** Items before the measured ones: connections are open, the code is compiled. */
const WARM_UP = { even: 2000, uneven: 2000, flaky: 200 } as const;

export function inFlightOf(service: Service): number {
  return service === "flaky" ? FEW_IN_FLIGHT : IN_FLIGHT;
}

export function warmUpOf(service: Service): number {
  return WARM_UP[service];
}

const agent = new Agent({ keepAlive: true });

/** The answer, and how long to wait if the service refuses to give one. */
interface Response {
  readonly text: string;
  readonly retryAfterMs: number | null;
}

function request(url: string, n: number, attempt: number, signal?: AbortSignal): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const asked = get(`${url}?n=${n}&attempt=${attempt}`, { agent, ...(signal && { signal }) }, (response) => {
    const { statusCode, headers } = response;
    const retryAfterMs = statusCode === 429 ? Number(headers["retry-after"]) * 1000 : null;
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => (text += part));
    response.on("end", () => resolve({ text, retryAfterMs }));
    response.on("error", reject);
  });
  asked.on("error", reject);
  return promise;
}

/** Asks until there is an answer. */
export async function ask(url: string, n: number, signal?: AbortSignal): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const { text, retryAfterMs } = await request(url, n, attempt, signal);
    if (retryAfterMs === null) return Number(text);
    await sleep(retryAfterMs, undefined, { ...(signal && { signal }) });
  }
}

export interface Waited {
  readonly service: Service;
  readonly items: number;
  readonly inFlight: number;
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly sum: number;
}

/** What a contestant reports that had `inFlight` items under way at once. */
export function waitingRun({ service, items, inFlight, ms, cpu, sum }: Waited): Run {
  const idealMs = waitingOf(service, items) / inFlight;
  const cpuMs = (cpu.user + cpu.system) / 1000;
  return {
    figures: { ms, cpuMs, perSecond: (items / ms) * 1000, ofIdeal: (idealMs / ms) * 100 },
    answer: sum === (items * (items - 1)) / 2 ? "every item once" : `${sum} for ${items} items`,
  };
}
