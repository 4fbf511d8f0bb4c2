import { lines } from "../../src/input/lines.ts";
import { count } from "../../src/joins/exact/count.ts";
import { defineJob } from "../../src/job/job.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { ApiHost } from "../../src/api/host.ts";
import { apiStage } from "./api-stage.ts";
import type { ApiStage } from "./api-stage.ts";

/** Lines of `no …` fail, each with a kind of message of its own word. */
export const picky = () =>
  defineJob({
    name: "picky",
    input: lines(),
    join: count(),
    retries: 0,
    process(line: string) {
      if (line.startsWith("no ")) throw new Error(`cannot take ${line.slice(3)}`);
      return 1;
    },
  });

export const ITEMS = ["a", "no apples", "no pears", "b", "no apples", "c", "no apples"];

export async function endedPicky(
  more: Partial<ApiHost> = {},
): Promise<{ of: ApiStage; batch: string; ids: string[] }> {
  const of = await apiStage(picky(), more);
  const { batch } = await of.submit({ input: { items: ITEMS } });
  await of.stage.pump();
  const { failures } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  return { of, batch, ids: failures?.groups.flatMap(({ id }) => id ?? []) ?? [] };
}
