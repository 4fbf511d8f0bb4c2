import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { lineJob } from "../../steps/jobs.ts";
import { apiStage } from "../api-stage.ts";

test("one batch is shown with what it was started with, without secrets; a list has no details", async () => {
  const of = await apiStage(lineJob());
  const params = {
    year: 2026,
    apiKey: "k",
    at: "https://me:pass@x.example/",
    deep: [{ token: 1, keyColumn: "id" }],
  };
  const { batch } = await of.submit({ input: { items: ["x", "y"] }, params, chunk: { items: 1 } });
  const { details, progress } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  expect(details).toMatchObject({
    where: "aws",
    input: { reader: "items", unit: "bytes", size: 8, count: 1, sources: [{ name: "items", size: 8 }] },
    params: {
      year: 2026,
      apiKey: "hidden",
      at: "https://hidden@x.example/",
      deep: [{ token: "hidden", keyColumn: "id" }],
    },
    jobFile: null,
    concurrency: 1,
    chunk: { items: 1, bytes: null },
    retry: { attempts: 1, timeoutMs: 900_000 },
  });
  expect(progress).toMatchObject({ unit: "bytes", inFlight: null, secondsLeft: null });
  const { batches } = (await of.get("/batches")).json as { batches: BatchSummary[] };
  expect(batches[0]?.details).toBeUndefined();
});
