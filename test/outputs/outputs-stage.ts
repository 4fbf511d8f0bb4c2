/** A planned batch, and a reader of its outputs. */
import type { Job } from "../../src/job/job.ts";
import type { OutputOrder } from "../../src/outputs/read-position.ts";
import { stage } from "../steps/stage.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import { PageReader, sourceOf } from "./page-reader.ts";
import { plan } from "./settle.ts";

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, n) => from + n);

/** A planned batch whose chunks have two items each; none has run. */
export async function planned(job: Job, items = 2): Promise<Stage> {
  const one = await stage({ job, chunk: { items } });
  await one.submit();
  await plan(one);
  return one;
}

export function reader(one: Stage, order: OutputOrder = "input", pageBytes = 1000): PageReader {
  return new PageReader(sourceOf(one), BATCH, order, () => pageBytes);
}
