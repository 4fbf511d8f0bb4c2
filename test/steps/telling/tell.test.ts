import { expect, test } from "vitest";
import { batchKey } from "../../../src/core/records/batch/batch.ts";
import type { Channel, News } from "../../../src/news.ts";
import { tell } from "../../../src/steps/telling/tell.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { StageOptions } from "../stage-spec.ts";

interface Told {
  readonly news: readonly News[];
  readonly warnings: readonly string[];
}

/** Tells one channel, once, of a batch that has ended. */
async function told(answer: Channel["tell"], options: Partial<StageOptions> = {}): Promise<Told> {
  const one = await stage({ job: countingJob(6), ...options });
  await one.submit();
  await one.pump();
  one.ledger.records.set(batchKey(BATCH), { ...one.batch(), news: { tries: 0, at: 0, told: [] } });
  const [news, warnings]: [News[], string[]] = [[], []];
  const channel: Channel = {
    id: "one",
    shown: "https://hooks.example",
    tell(given) {
      news.push(given);
      return answer(given);
    },
  };
  const log = { info: () => undefined, warn: (line: string) => void warnings.push(line) };
  await tell(one.ports, { batch: BATCH, channels: [channel], log });
  return { news, warnings };
}

test("news have the first items that a batch was limited to, where it was", async () => {
  const limited = await told(async () => "told", { maxItems: 3 });
  expect(limited.news[0]?.data).toMatchObject({ maxItems: 3, items: { succeeded: 3 } });
  const { news, warnings } = await told(async () => "told");
  expect(news[0]?.data).not.toHaveProperty("maxItems");
  expect(warnings).toEqual([]);
});

test("who refuses news is named with the reason", async () => {
  const { warnings } = await told(async () => ({ refused: "410 Gone" }));
  expect(warnings).toEqual(["https://hooks.example is not told: 410 Gone"]);
});

test("who cannot be told is named with the reason", async () => {
  const { warnings } = await told(() => Promise.reject(new Error("no route")));
  expect(warnings).toEqual(["https://hooks.example could not be told: no route"]);
});
