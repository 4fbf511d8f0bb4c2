/** Listing the objects of a batch: in little memory, and over several invocations. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Message, PlanMessage } from "../../../src/core/records/message.ts";
import { parseMessage } from "../../../src/core/records/parse-message.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { cancel, submit } from "../../../src/batch/submit.ts";
import type { NamedObjects } from "../../../src/batch/spec.ts";
import { readSpec } from "../../../src/batch/spec.ts";
import { sourcesOf } from "../../../src/batch/sources.ts";
import { TimeBudget } from "../../../src/runner/time-budget.ts";
import { coordinator } from "../../../src/steps/coordinator.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import { objectsIn } from "../../memory/objects.ts";
import { lineJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

const PREFIX = "s3://in/data/";
const urlOf = (n: number): string => `${PREFIX}${String(n).padStart(6, "0")}.txt`;

/** A batch over `count` objects of one line each, submitted as `from`. */
async function named(count: number, from: NamedObjects = { prefix: PREFIX }): Promise<Stage> {
  const one = await stage({ job: lineJob(), blockBytes: 65_536 });
  Object.assign(one.ports, { objects: objectsIn(one.store, (url) => url) });
  for (let n = 0; n < count; n++) one.store.put(urlOf(n), `${n}\n`);
  await submit(one.ports, { ...one.spec, input: { reader: "lines", options: {}, sources: [], from } });
  return one;
}

async function listed(one: Stage): Promise<string[]> {
  const { input } = await readSpec(one.ledger, BATCH);
  const sources = sourcesOf(input, one.store);
  const labels: string[] = [];
  for (let number = 0; number < sources.count; number++)
    labels.push((await sources.at(number))?.label ?? "none");
  return labels;
}

async function manifest(one: Stage, text: string): Promise<NamedObjects> {
  const name = "s3://in/list";
  one.store.put(name, text);
  const stat = await one.store.stat(name);
  return { manifest: { name, label: name, size: stat?.bytes ?? 0, version: stat?.version ?? "" } };
}

/** Runs the coordinator as often as it is asked for; `isOver` decides for each invocation anew. */
async function inTime(one: Stage, isOver: (asked: number, invocation: number) => boolean): Promise<number> {
  for (let invocation = 0; ; invocation++) {
    const message = parseMessage(one.queue.take("coordinator", 1)[0]) as PlanMessage | null;
    if (!message) return invocation;
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now() + 60_000);
    let asked = 0;
    Object.assign(timeBudget, { isOver: () => isOver(asked++, invocation) });
    await coordinator(one.ports, one.runner, message, { timeBudget, patienceMs: 0 });
  }
}

/** Invocations list two pages each, and plan without limits. Returns how many there were. */
function twoPages(one: Stage): Promise<number> {
  return inTime(one, (asked) => one.batch()["unlisted"] === true && asked >= 2);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe("the objects of a batch", () => {
  test("are part of its record if they are few", async () => {
    const one = await named(3);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", input: { reader: "many" } });
    expect(one.batch()["input"]).toMatchObject({ sources: [{ label: urlOf(0) }, {}, {}] });
    expect(one.batch()["unlisted"]).toBeUndefined();
  });

  test("are a list in the store if they are many, in the order of their keys", async () => {
    const one = await named(2500);
    await one.step("coordinator");
    expect(JSON.stringify(one.batch()["input"]).length).toBeLessThan(400);
    expect(await listed(one)).toEqual(numbers(2500).map(urlOf));
    await one.pump();
    expect(one.result()).toMatchObject({ order: `${numbers(2500).join(",")},` });
  });

  test("of 20,000 are read in order, and each counts once", async () => {
    const one = await named(20_000);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 20_000, failed: 0 } });
    expect(one.result()).toMatchObject({ order: `${numbers(20_000).join(",")},` });
  });

  test("are listed over several invocations, and none is missing or there twice", async () => {
    const one = await named(4321);
    expect(await twoPages(one)).toBeGreaterThan(2);
    expect(await listed(one)).toEqual(numbers(4321).map(urlOf));
    await one.pump();
    expect(one.batch()).toMatchObject({ totals: { succeeded: 4321 } });
  });

  test("of a manifest are listed over several invocations, in its order", async () => {
    const one = await named(333);
    const backwards = numbers(333).toReversed().map(urlOf);
    const from = await manifest(one, JSON.stringify(backwards, null, 1));
    one.ledger.records.set(`batch/${BATCH}`, {
      ...one.batch(),
      input: { reader: "many", of: "lines", options: {}, sources: [], from: from as never },
    });
    expect(await twoPages(one)).toBeGreaterThan(3);
    expect(await listed(one)).toEqual(backwards);
  });

  test("are planned by the next invocation where listing took all of the time", async () => {
    const one = await named(200);
    await inTime(one, (_, invocation) => invocation === 0 && one.batch()["unlisted"] === undefined);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 200 } });
  });

  test("that another coordinator listed first are the input", async () => {
    const one = await named(2000);
    const [message] = one.queue.take("coordinator", 1) as PlanMessage[];
    let raced = false;
    one.hook = async ({ port, method, of }, when) => {
      if (raced || port !== "ledger" || method !== "update" || of !== `batch/${BATCH}` || when !== "before")
        return;
      raced = true;
      // The other one saw an object more.
      one.store.put(urlOf(2000), "2000\n");
      await coordinator(one.ports, one.runner, message as PlanMessage);
    };
    await coordinator(one.ports, one.runner, message as PlanMessage);
    expect(raced).toBe(true);
    expect(await listed(one)).toHaveLength(2001);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 2001 } });
  });

  test("are listed by the redrive of a batch that was cancelled before", async () => {
    const one = await named(150);
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", unlisted: true, totals: { succeeded: 0 } });
    expect(await redrive(one.ports, BATCH, null)).toBe(true);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 150 } });
  });
});

test("a message that goes on with a list is one of fanjoin, and a damaged one is not", () => {
  const segment = { name: "a/b", offset: 0, length: 5 };
  const counts = { count: 7, bytes: 70, lastBytes: 10, end: 700 };
  const listing = { after: "s3://in/a", ...counts, measured: true, index: [segment], lines: [segment] };
  const message: Message = { kind: "plan", batch: BATCH, entry: 0, listing };
  expect(parseMessage(message)).toEqual(message);
  expect(parseMessage({ ...message, listing: { ...listing, after: 7 } })).not.toBeNull();
  for (const wrong of [{ after: -1 }, { count: "7" }, { index: [{}] }, { lines: null }, { measured: 1 }])
    expect(parseMessage({ ...message, listing: { ...listing, ...wrong } })).toBeNull();
});

const MANY = fileURLToPath(new URL("many-objects.ts", import.meta.url));

test("300,000 objects are listed and read in a heap of 32 MB", async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const command = ["--max-old-space-size=32", MANY, directory.path("state"), "300000"];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  const bytes = (300_000 * 299_999) / 2;
  expect(JSON.parse(stdout)).toEqual({ count: 300_000, read: bytes, list: bytes });
});
