import { expect, test } from "vitest";
import { Chaos } from "../../../../src/local/engine/running/chaos.ts";

/** Runs so many works one after the other, and returns how often each of them ran. */
async function run(seed: number, works: number): Promise<{ chaos: Chaos; runs: number[] }> {
  const chaos = new Chaos(seed);
  const runs: number[] = [];
  for (let n = 0; n < works; n++) {
    let times = 0;
    const reply = await chaos.disturb(async () => ++times, { killBusy: () => true });
    expect(reply).toBe(times);
    runs.push(times);
  }
  return { chaos, runs };
}

test("works are repeated and delayed as the seed says, and the last reply counts", async () => {
  const { chaos, runs } = await run(4, 30);
  expect(runs[0]).toBe(2);
  expect(new Set(runs)).toEqual(new Set([1, 2]));
  expect(runs.filter((times) => times === 2).length).toBe(chaos.counts.repeats);
  expect(chaos.counts.delays).toBeGreaterThan(0);
  expect((await run(4, 30)).runs).toEqual(runs);
  expect((await run(5, 30)).runs).not.toEqual(runs);
});

test("ten threads are killed at most, also by works that run together", async () => {
  const chaos = new Chaos(1);
  const dead: string[] = [];
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const pool = {
    killBusy(reason: string) {
      if (dead.push(reason) === 10) end();
      return true;
    },
  };
  const works = Array.from({ length: 200 }, () => chaos.disturb(async () => undefined, pool));
  await Promise.all([...works, over]);
  expect(dead).toEqual(Array<string>(10).fill("--chaos has killed it"));
  expect(chaos.counts.kills).toBe(10);
});

test("a kill that meets no busy thread is not counted", async () => {
  const chaos = new Chaos(1);
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const killBusy = (): boolean => {
    resolve();
    return false;
  };
  await Promise.all([chaos.disturb(async () => undefined, { killBusy }), asked]);
  expect(chaos.counts.kills).toBe(0);
});
