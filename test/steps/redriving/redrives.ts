/** Batches that have ended with failed items, and their redrives. */
import { expect } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import type { RedriveFilter } from "../../../src/core/failures/redrive-filter.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";

export async function redriven(one: Stage, filter: RedriveFilter | null = null): Promise<boolean> {
  const began = await redrive(one.ports, BATCH, filter);
  await one.pump();
  expect(one.ended()).toBe(true);
  return began;
}

export async function ended(options: StageOptions): Promise<Stage> {
  const one = await stage(options);
  await one.submit();
  await one.pump();
  return one;
}

/** Throws for the items of `bad`. A test changes `bad` as a user would fix the job's code. */
export function fragile(bad: Set<number>) {
  const calls: number[] = [];
  const process = (n: number): number => {
    calls.push(n);
    if (bad.has(n)) throw n % 2 === 0 ? new TypeError(`no ${n}`) : new RangeError(`no ${n}`);
    return n;
  };
  return { calls, process };
}

export const order = (numbers: readonly number[]): string => numbers.map((n) => `${n},`).join("");
