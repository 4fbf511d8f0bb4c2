import { expect, test } from "vitest";
import type { NodeMessage } from "../../../src/core/records/message.ts";
import type { Totals } from "../../../src/core/records/totals.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { createRunner } from "../../../src/runner/create-runner.ts";
import type { Runner } from "../../../src/runner/runner.ts";
import { join } from "../../../src/steps/join.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import type { Stage } from "../stage.ts";

const ITEMS = 230;

/** Every seventh item fails. */
function failing(n: number): number {
  if (n % 7 === 3) throw new TypeError(`no ${n}`);
  return n;
}

async function worked(): Promise<Stage> {
  const one = await stage({ job: countingJob(ITEMS, failing), chunk: { items: 1 }, blockBytes: 4096 });
  await one.submit();
  while ((await one.step("coordinator")) + (await one.step("worker", 10)) > 0);
  expect(one.log).toEqual([]);
  return one;
}

/** A runner whose time is up as soon as it has begun. */
function hurried(one: Stage): Pick<Runner, "merge"> {
  const { signal } = new AbortController();
  return createRunner({
    job: countingJob(ITEMS, failing),
    store: one.ports.store,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    signal: () => signal,
    interrupted: () => false,
    now: () => 1000,
    random: () => 0,
    timeBudget: { endsAt: () => 0, isOver: () => true, yieldToEventLoop: () => null },
  });
}

function ignore(): void {}

/** Delivers join messages, each `times` times, until none is left. Returns how many merges there were. */
async function joinHurried(one: Stage, times = 1): Promise<number> {
  const runner = hurried(one);
  let merges = 0;
  for (let messages = one.queue.take("join"); messages.length > 0; messages = one.queue.take("join")) {
    for (const message of messages as NodeMessage[]) {
      for (let time = 0; time < times && !one.ended(); time++, merges++)
        await join(one.ports, runner, message);
    }
  }
  return merges;
}

function filesOf(one: Stage): readonly unknown[] {
  const { ms: _ms, ...totals } = one.batch()["totals"] as unknown as Totals;
  return [totals, one.result(), one.outputs(), one.failed(), one.failures()];
}

test("a merge whose time is up goes on in the next invocation, with the same result to the byte", async () => {
  const whole = await worked();
  await whole.pump();
  const one = await worked();
  const merges = await joinHurried(one);
  expect(filesOf(one)).toEqual(filesOf(whole));
  // One for each child of three leaves and the root, and one for the files.
  expect(merges).toBe(ITEMS + 3 + 1);
});

test("each part of a merge is one invocation, and its message says where the next one begins", async () => {
  const one = await worked();
  const [first] = one.queue.take("join") as NodeMessage[];
  if (!first) throw new Error("a leaf is full");
  await join(one.ports, hurried(one), first);
  const [second] = one.queue.take("join") as NodeMessage[];
  expect(second).toEqual({
    ...first,
    merged: { tag: expect.any(String) as string, children: 1 },
  });
});

test("a part that is delivered twice is counted once", async () => {
  const whole = await stage({ job: countingJob(5, failing), chunk: { items: 1 } });
  const one = await stage({ job: countingJob(5, failing), chunk: { items: 1 } });
  await whole.submit();
  await whole.pump();
  await one.submit();
  while ((await one.step("coordinator")) + (await one.step("worker", 10)) > 0);
  await joinHurried(one, 2);
  expect(filesOf(one)).toEqual(filesOf(whole));
});

test("a merge that begins anew beside one that goes on changes nothing", async () => {
  const whole = await worked();
  await whole.pump();
  const one = await worked();
  const runner = hurried(one);
  const first = one.queue.take("join") as NodeMessage[];
  for (const message of first) await join(one.ports, runner, message);
  const parts = one.queue.take("join") as NodeMessage[];
  // An older function does not know the mark and merges all children.
  for (const message of first) await join(one.ports, one.runner, message);
  for (const message of parts) await join(one.ports, runner, message);
  await joinHurried(one);
  expect(filesOf(one)).toEqual(filesOf(whole));
});

test("merges of a redrive go on, too", async () => {
  const one = await worked();
  await joinHurried(one);
  const before = filesOf(one);
  await redrive(one.ports, one.spec.batch, null);
  while ((await one.step("coordinator")) + (await one.step("worker", 10)) > 0);
  await joinHurried(one);
  expect(one.log).toEqual([]);
  expect(filesOf(one).slice(1, 3)).toEqual(before.slice(1, 3));
});
