import { expect, test } from "vitest";
import type { PlanMessage, SurveyPlace } from "../../../src/core/records/message.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { TimeBudget } from "../../../src/runner/time-budget.ts";
import { coordinator } from "../../../src/steps/coordinator.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

const CHUNKS = 430;

/** A batch that has ended: in every second leaf some items failed. The code is then mended. */
async function ended(): Promise<Stage> {
  let mended = false;
  const process = (n: number): number => {
    if (!mended && Math.floor(n / 100) % 2 === 0 && n % 9 === 0) throw new TypeError(`no ${n}`);
    return n;
  };
  const one = await stage({ job: countingJob(CHUNKS, process), chunk: { items: 1 }, blockBytes: 4096 });
  await one.submit();
  await one.pump();
  expect(one.ended()).toBe(true);
  mended = true;
  return one;
}

/** Delivers plan messages to coordinators whose time is up as soon as they have begun. */
async function planHurried(one: Stage, stopAfter = Infinity): Promise<PlanMessage[]> {
  const timeBudget = new TimeBudget(one.clock);
  timeBudget.begin(one.clock.now());
  const seen: PlanMessage[] = [];
  for (
    let next = one.queue.take("coordinator", 1);
    next.length > 0;
    next = one.queue.take("coordinator", 1)
  ) {
    const [message] = next as PlanMessage[];
    if (!message) break;
    seen.push(message);
    if (seen.length > stopAfter) break;
    await coordinator(one.ports, one.runner, message, { timeBudget, patienceMs: 0 });
  }
  return seen;
}

function filesOf(one: Stage): readonly unknown[] {
  const { ms: _ms, ...totals } = one.batch()["totals"] as { readonly ms: number };
  return [one.batch()["state"], totals, one.result(), one.outputs(), one.failed()];
}

async function redrivenAtOnce(): Promise<readonly unknown[]> {
  const one = await ended();
  await redrive(one.ports, BATCH, null);
  await one.pump();
  return filesOf(one);
}

test("a redrive goes on from coordinator to coordinator, and each lays or launches a layer", async () => {
  const one = await ended();
  await redrive(one.ports, BATCH, null);
  const places = (await planHurried(one)).map(({ survey }) => survey);
  // After leaves 0, 2 and 4, and after the root.
  const after = [
    { level: 0, index: 1 },
    { level: 0, index: 3 },
    { level: 0, index: 5 },
    { level: 1, index: 1 },
  ];
  const inPhase = (phase: SurveyPlace["phase"]): object[] =>
    after.map((place) => ({ phase, generation: 1, ...place }));
  expect(places).toEqual([undefined, ...inPhase("lay"), ...inPhase("launch")]);
  await one.pump();
  expect(one.log).toEqual([]);
  expect(filesOf(one)).toEqual(await redrivenAtOnce());
});

test("a message of the laying does not skip what is to be launched", async () => {
  const one = await ended();
  await redrive(one.ports, BATCH, null);
  const seen = await planHurried(one, 2);
  const stale = seen.at(-1);
  if (!stale?.survey) throw new Error("the survey is not done");
  expect(stale.survey.phase).toBe("lay");
  // A coordinator without a limit lays everything, and dies before it launches.
  one.hook = ({ method, of }, when) => {
    if (method === "send" && of === "worker" && when === "before") throw new Error("dies");
  };
  const anew = { kind: "plan", batch: BATCH, entry: 0 } as const;
  await expect(coordinator(one.ports, one.runner, anew)).rejects.toThrow("dies");
  one.hook = () => undefined;
  await one.queue.send("coordinator", [stale]);
  await planHurried(one);
  await one.pump();
  expect(filesOf(one)).toEqual(await redrivenAtOnce());
});

test("a place of an earlier redrive is not where a later one goes on", async () => {
  const one = await ended();
  const survey = { phase: "lay", generation: 7, level: 1, index: 0 } as const;
  await redrive(one.ports, BATCH, null);
  one.queue.take("coordinator");
  await one.queue.send("coordinator", [{ kind: "plan", batch: BATCH, entry: 0, survey }]);
  await one.pump();
  expect(filesOf(one)).toEqual(await redrivenAtOnce());
});
