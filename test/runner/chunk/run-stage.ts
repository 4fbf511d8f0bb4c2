/** Runs a batch of the stage to its end. */
import { expect } from "vitest";
import type { Stage } from "../../steps/stage.ts";

export async function run(one: Stage): Promise<Stage> {
  await one.submit();
  await one.pump();
  expect(one.log).toEqual([]);
  return one;
}
