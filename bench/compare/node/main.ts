/**
 * A contestant of the comparison in Node: `node main.ts <contestant> <settings as JSON>`. It answers each
 * line of its standard input with one line, and ends with its standard input, as `../python/main.py` does.
 */
import { createInterface } from "node:readline";
import type { Caller, Settings } from "./caller.ts";
import type { TaskName } from "./work.ts";

interface Measure {
  readonly task: TaskName;
  readonly first: number;
  readonly count: number;
}

interface Try {
  readonly trials: number;
  readonly limit: number | null;
}

const CONTESTANTS: { readonly [name: string]: (settings: Settings) => Promise<Caller> } = {
  loop: async () => (await import("./loop.ts")).openLoop(),
  piscina: async (settings) => (await import("./piscina.ts")).openPiscina(settings),
  bullmq: async (settings) => (await import("./bullmq.ts")).openBullmq(settings),
  fanjoin: async (settings) => (await import("./fanjoin.ts")).openFanjoin(settings),
};

async function measured(caller: Caller, { task, first, count }: Measure): Promise<object> {
  const start = performance.now();
  const values = await caller.map(task, { first, count });
  const ms = performance.now() - start;
  const sum = values.reduce<number>((sum, value) => sum + (typeof value === "number" ? value : NaN), 0);
  return { ms, sum, count: values.length };
}

/** What the caller gets of so many trials; without a limit as the call is usually written. */
async function tried(caller: Caller, { trials, limit }: Try): Promise<object> {
  const numbers = { first: 0, count: trials };
  try {
    const results =
      limit === null ? await caller.map("trial", numbers) : await caller.each("trial", numbers, limit * 1000);
    return {
      raised: null,
      values: results.filter((result) => typeof result === "number"),
      failed: results.filter((result) => typeof result !== "number").map(({ message }) => message),
    };
  } catch (error) {
    return { raised: String(error), values: [], failed: [] };
  }
}

function answer(document: object): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

const [, , name = "", settingsText = ""] = process.argv;
const settings = JSON.parse(settingsText) as Settings;
const openContestant = CONTESTANTS[name];
if (!openContestant) throw new Error(`${name} is not one of ${Object.keys(CONTESTANTS).join(", ")}`);
const caller = await openContestant(settings);
// A program that is started again goes on with the tasks of its first start.
if (!settings.again) await caller.map("noop", { first: 0, count: settings.workers });
answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Measure | Try;
  answer("trials" in request ? await tried(caller, request) : await measured(caller, request));
}
await caller.close();
