import { expect, test } from "vitest";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { devMetrics } from "../../src/dev/metrics.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import type { Engine } from "../../src/local/engine/engine.ts";
import { receiver } from "../webhooks/receiver.ts";
import { workspace } from "../cli/command.ts";
import { allEnded, LINES, startDev } from "./dev-process.ts";

/** The samples by name and labels. */
function samples(text: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^([a-z_]+\{.*\}) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}

test("a resumed batch counts what this process did of it, and its end moves nothing back", async () => {
  const totals = (succeeded: number): Totals => ({
    ...NO_TOTALS,
    chunks: succeeded / 10,
    succeeded,
    ms: 500,
  });
  const ended = Promise.withResolvers<Awaited<ReturnType<Engine["finished"]>>>();
  let now = totals(100);
  const metrics = devMetrics({
    progress: () => ({ totals: now, units: null }),
    finished: () => ended.promise,
  });
  metrics.add("01A", "sales");
  now = totals(150);
  expect(samples(metrics.text())).toMatchObject({
    'fanjoin_items_total{job="sales",outcome="succeeded"}': 50,
    'fanjoin_chunks_settled_total{job="sales"}': 5,
    'fanjoin_batches_running{job="sales"}': 1,
  });
  ended.resolve({ endedAt: 1, state: "succeeded", totals: { ...totals(160) } });
  await ended.promise;
  await new Promise(setImmediate);
  expect(samples(metrics.text())).toMatchObject({
    'fanjoin_items_total{job="sales",outcome="succeeded"}': 60,
    'fanjoin_batches_running{job="sales"}': 0,
    'fanjoin_batches_ended_total{job="sales",state="succeeded"}': 1,
  });
});

test("dev serves metrics with its token, and tells of the end of its batches", async () => {
  const to = await receiver();
  const at = workspace();
  const onEnd = `retries: 0, onEnd: { webhooks: ["${to.url}"], privateWebhooks: true },`;
  at.write("shout.ts", LINES.replace("retries: 0,", onEnd));
  const dev = await startDev(at, "shout.ts");
  expect((await dev.fetch("/metrics", { headers: {} })).status).toBe(401);
  const { batch } = (await (
    await dev.post("/jobs/shout/batches", { input: { items: ["a", "bad", "c"] } })
  ).json()) as BatchSummary;
  await dev.until(allEnded(1));
  const answer = await dev.fetch("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  expect(text).toContain("# TYPE fanjoin_items_total counter\n");
  expect(samples(text)).toMatchObject({
    'fanjoin_items_total{job="shout",outcome="succeeded"}': 2,
    'fanjoin_items_total{job="shout",outcome="failed"}': 1,
    'fanjoin_batches_ended_total{job="shout",state="completed-with-failures"}': 1,
  });
  await to.arrived(1);
  expect(JSON.parse(to.received[0]?.body ?? "")).toMatchObject({
    data: { batch, state: "completed-with-failures" },
  });
  const limited = await dev.post("/jobs/shout/batches", { input: { items: [] }, maxCostUsd: 1 });
  expect(limited.status).toBe(400);
  expect(await limited.text()).toContain("nothing is charged on this machine");
  expect((await dev.interrupt()).code).toBe(0);
});
