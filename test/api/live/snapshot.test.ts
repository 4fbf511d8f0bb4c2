import { expect, test } from "vitest";
import { lines } from "../../../src/input/lines.ts";
import { defineJob } from "../../../src/job/job.ts";
import { failedWhileRunning } from "../../../src/api/live/live-failures.ts";
import type { BatchSnapshot } from "../../../src/api/live/snapshot.ts";
import { apiStage } from "../api-stage.ts";
import type { ApiStage } from "../api-stage.ts";

test("no snapshot has more failed items in groups than are counted, though items fail between its reads", async () => {
  const job = defineJob({
    name: "picky",
    input: lines(),
    retries: 0,
    process: () => Promise.reject(new Error("no")),
  });
  const of: ApiStage = await apiStage(job, {
    async seen(batch, fields, settled) {
      await of.stage.step("worker");
      const { ledger, store } = of.stage.ports;
      const failures = await failedWhileRunning({ ledger, store })(batch, fields, settled);
      return { history: null, failures };
    },
  });
  const { batch } = await of.submit({ input: { items: ["a", "b", "c", "d", "e"] }, chunk: { items: 1 } });
  await of.stage.step("coordinator");
  await of.stage.step("worker");
  const { body } = await of.get(`/batches/${batch}/events`);
  const [, data = ""] = body.split("data: ");
  const { summary, failures } = JSON.parse(data.split("\n")[0] ?? "") as BatchSnapshot;
  expect([failures.of, summary.items.failed]).toEqual([2, 2]);
});
