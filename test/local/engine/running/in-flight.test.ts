import { expect, test } from "vitest";
import { InFlightRoom } from "../../../../src/local/engine/running/in-flight.ts";
import type { LimitsHolder } from "../../../../src/local/threads/thread-limits.ts";
import { limitedService } from "../sharing/limited-service.ts";
import { bench, numbers } from "../engines.ts";
import { begin, until, upTo, valueOf } from "../batches-run.ts";

const holder = (): LimitsHolder => ({ postMessage: () => undefined });

/** What has entered, in order. */
function stage() {
  const room = new InFlightRoom();
  const entered: string[] = [];
  const enter = (name: string, by: LimitsHolder, limit = 2): void => {
    void room.enter(by, limit).then(() => entered.push(name));
  };
  return { room, entered, enter };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("calls enter in turn, as long as there is room", async () => {
  const { room, entered, enter } = stage();
  const [one, other] = [holder(), holder()];
  enter("a", one);
  enter("b", other);
  enter("c", one);
  enter("d", other);
  await turn();
  expect(entered).toEqual(["a", "b"]);
  room.leave(other);
  await turn();
  expect(entered).toEqual(["a", "b", "c"]);
});

test("a thread that has ended leaves all of its room, and waits no more", async () => {
  const { room, entered, enter } = stage();
  const [dead, alive] = [holder(), holder()];
  for (const name of ["a", "b", "c"]) enter(name, dead);
  for (const name of ["d", "e", "f"]) enter(name, alive);
  room.gone(dead);
  await turn();
  expect(entered).toEqual(["a", "b", "d", "e"]);
  expect(room.isUnused).toBe(false);
});

test("a limit that is raised holds from the next call on", async () => {
  const { entered, enter } = stage();
  const one = holder();
  for (const name of ["a", "b", "c"]) enter(name, one, 1);
  enter("d", one, 3);
  await turn();
  expect(entered).toEqual(["a", "b", "c"]);
});

test("two threads together have no more calls in flight than the batch may, and lose no item", async () => {
  const at = bench();
  const { url, times, mostOpen } = await limitedService((_, response) => {
    setImmediate(() => setImmediate(() => response.end("ok")));
  });
  const call = `async (n, { params, signal }) => {
    const response = await fetch(params.url, { signal });
    await response.text();
    if (n % 7 === 0 && Math.random() < 0.5) throw new Error("again");
    return n;
  }`;
  const job = numbers(120, call, "concurrency: 8, inFlight: 3").replace("retries: 0", "retries: 20");
  const engine = await begin(at, job, { items: 6, params: { url } });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(120));
  expect(times.length).toBeGreaterThanOrEqual(120);
  expect(mostOpen()).toBeLessThanOrEqual(3);
});

test("the room of items that ended their thread is free again", async () => {
  const at = bench();
  const call = "async (n) => { if (n === 3) process.exit(1); await null; return n; }";
  const engine = await begin(at, numbers(8, call, "concurrency: 4, inFlight: 2"), { items: 4 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ totals: { succeeded: 7, failed: 1 } });
});

test("a limit that is changed reaches calls that wait, and those of the next chunk", async () => {
  const at = bench();
  const held: (() => void)[] = [];
  let holds = true;
  const { url, mostOpen } = await limitedService((_, response) => {
    if (holds) held.push(() => void response.end("ok"));
    else response.end("ok");
  });
  const call = "async (n, { params, signal }) => { await fetch(params.url, { signal }); return n; }";
  const job = numbers(60, call, "concurrency: 8, inFlight: 1");
  const engine = await begin(at, job, { items: 20, params: { url } }, 1);
  const isOpen = (calls: number): Promise<void> => until(() => held.length === calls);
  await isOpen(1);
  await engine.set("01A", { inFlight: 4 });
  await isOpen(4);
  await engine.set("01A", { inFlight: 2 });
  for (const answer of held.splice(0)) answer();
  await isOpen(2);
  holds = false;
  for (const answer of held.splice(0)) answer();
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(60));
  expect(mostOpen()).toBe(4);
});

test("a batch without limits gets one from its next chunk on", async () => {
  const at = bench();
  const held: (() => void)[] = [];
  const { url, mostOpen } = await limitedService((_, response) => {
    held.push(() => void response.end("ok"));
  });
  const call = "async (n, { params, signal }) => { await fetch(params.url, { signal }); return n; }";
  const engine = await begin(at, numbers(12, call, "concurrency: 4"), { items: 4, params: { url } }, 1);
  await until(() => held.length === 4);
  await engine.set("01A", { inFlight: 1 });
  let answered = 0;
  while (answered < 12) {
    await until(() => held.length > 0);
    const [answer] = held.splice(0, 1);
    answer?.();
    answered++;
  }
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(12));
  expect(mostOpen()).toBe(4);
});
