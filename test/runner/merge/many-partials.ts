/**
 * Merges a node with many partials in the process that runs this file, in invocations of 30 s. Prints how
 * many invocations it took and what came out. Loading and merging one partial takes 20 ms of a clock that
 * only this file moves.
 */
import { fold } from "../../../src/joins/fold.ts";
import { lines } from "../../../src/input/lines.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import type { ObjectStore } from "../../../src/ports.ts";
import { loadBody } from "../../../src/runner/contribution/body.ts";
import { runMerge } from "../../../src/runner/merge/run-merge.ts";
import type { MergeRequest } from "../../../src/runner/runner.ts";
import { TimeBudget } from "../../../src/runner/time-budget.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

const [PARTIALS = 0, NUMBERS = 0] = process.argv.slice(2).map(Number);
const INVOCATION_MS = 30_000;
const PARTIAL_MS = 20;

const adds = fold<number[], number[]>({
  init: () => [],
  add: (_, numbers) => numbers,
  merge: (left, right) => left.map((one, place) => one + (right[place] ?? 0)),
});
const job = defineJob({ name: "adds", input: lines(), process: () => [], join: adds }) as Job;

let now = 0;
const kept = memoryStore(65_536);

/** The text of partial `index`. Its segment has as many bytes, so each number is padded. */
function textOf(index: number): string {
  const numbers = Array.from({ length: NUMBERS }, (_, place) => 100_000 + ((index + place) % 1000));
  return JSON.stringify({ [index]: { value: numbers, span: { items: 1, lines: 1, anchored: false } } });
}

const store: ObjectStore = {
  ...kept,
  async *read(name, start, end) {
    const index = /^partial-(\d+)$/.exec(name)?.[1];
    if (index === undefined) return yield* kept.read(name, start, end);
    now += PARTIAL_MS;
    yield Buffer.from(textOf(Number(index)));
  },
};

const request: MergeRequest = {
  batch: "b",
  index: 0,
  tag: "t",
  root: false,
  first: 0,
  children: Array.from({ length: PARTIALS }, (_, index) => index),
  bodies: Array.from({ length: PARTIALS }, (_, index) => {
    return { name: `partial-${index}`, offset: 0, length: textOf(index).length };
  }),
};

const timeBudget = new TimeBudget({ now: () => now });
let invocations = 0;
let merged: MergeRequest["merged"];
for (;;) {
  timeBudget.begin(now + INVOCATION_MS);
  invocations++;
  const machine = { job, store, timeBudget, now: () => now };
  const { body, until } = await runMerge(machine, { ...request, ...(merged ? { merged } : {}) });
  if (now > timeBudget.overAt) throw new Error("the platform has ended the invocation");
  if (body === null) throw new Error("a node has a body");
  if (until === undefined) {
    const { value, span } = (await loadBody(store, body))[0] ?? {};
    const [first, ...rest] = value as number[];
    process.stdout.write(JSON.stringify({ invocations, first, last: rest.at(-1), items: span?.items }));
    break;
  }
  merged = { children: until, body };
}
