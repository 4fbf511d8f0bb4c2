/** A page in Chromium, and the longest pause of its thread in each thing that is done with it. */
import type { Page } from "playwright-core";
import { launch } from "../../test/page/browser/chromium.ts";

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"];

export interface Pauses {
  /** The longest task of the page's thread, in milliseconds. */
  readonly longestMs: number;
  /** The most processor time of a task: a busy machine does not count. */
  readonly processorMs: number;
  /** `longtask` entries of more than 100 ms. */
  readonly over100: number;
  /** In the document. */
  readonly elements: number;
}

export interface BrowserSession extends AsyncDisposable {
  readonly page: Page;
  /** What the page did while `action` ran, and until it was at rest. */
  during(action: (page: Page) => Promise<unknown>): Promise<Pauses>;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const REST_MS = 300;

export async function openBrowser(): Promise<BrowserSession> {
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => {
    const shared = globalThis as { longTasks?: number[] };
    const seen: number[] = (shared.longTasks = []);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.push(duration);
    }).observe({ type: "longtask", buffered: true });
  });
  return {
    page,
    async during(action) {
      await page.evaluate(() => void ((globalThis as { longTasks?: number[] }).longTasks ?? []).splice(0));
      await browser.startTracing(page, { categories: CATEGORIES });
      await action(page);
      await page.waitForTimeout(REST_MS);
      const trace = (await browser.stopTracing()).toString();
      const seen = await page.evaluate(() => ({
        long: (globalThis as { longTasks?: number[] }).longTasks ?? [],
        elements: document.querySelectorAll("*").length,
      }));
      const over100 = seen.long.filter((ms) => ms > 100).length;
      return { ...longestTask(trace), over100, elements: seen.elements };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

function longestTask(trace: string): Pick<Pauses, "longestMs" | "processorMs"> {
  const { traceEvents } = JSON.parse(trace) as { readonly traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const own = new Set(
    traceEvents.filter(({ args }) => args?.name === "CrRendererMain").map((event) => threadOf(event)),
  );
  const tasks = traceEvents.filter((event) => event.name.endsWith("RunTask") && own.has(threadOf(event)));
  const most = (times: readonly (number | undefined)[]): number =>
    times.reduce<number>((max, time = 0) => Math.max(max, time), 0) / 1000;
  return { longestMs: most(tasks.map(({ dur }) => dur)), processorMs: most(tasks.map(({ tdur }) => tdur)) };
}
