import { expect, test } from "vitest";
import { ActiveBatches } from "../../../src/local/engine/active-batches.ts";
import { specFields } from "../../../src/batch/spec.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

const SPEC: BatchSpec = {
  batch: "01A",
  job: "job",
  input: { reader: "range", options: {}, sources: [{ name: "", label: "range", size: 4, version: "" }] },
  params: null,
  chunk: { items: null, bytes: null },
  tolerate: { count: null, percent: null },
  createdAt: 0,
  deadlineAt: 1,
  jobFile: null,
};

test("a batch waits for each of its joins, also for one that fails", async () => {
  const batches = new ActiveBatches();
  batches.open(SPEC);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = [
    batches.join("01A", () => first.promise),
    batches.join("01A", () => second.promise).catch((error: unknown) => String(error)),
  ];
  let joined = false;
  const waiting = batches.joined("01A").then(() => (joined = true));
  first.resolve();
  await runs[0];
  expect(joined).toBe(false);
  second.reject(new Error("no"));
  await waiting;
  expect(await runs[1]).toBe("Error: no");
  await batches.joined("01A");
});

test("a join of a batch that is not worked on here is run, and nobody waits for it", async () => {
  const batches = new ActiveBatches();
  let ran = 0;
  await batches.join("01A", async () => void ran++);
  await batches.joined("01A");
  expect(ran).toBe(1);
});

test("only a batch that has a record is restored", async () => {
  const batches = new ActiveBatches();
  const ledger = memoryLedger();
  expect(await batches.restore(ledger, "01A")).toBeNull();
  expect(batches.ids()).toEqual([]);
  ledger.records.set("batch/01A", { ...specFields(SPEC), generation: 0 });
  expect(await batches.restore(ledger, "01A")).toMatchObject({ job: "job" });
  expect(batches.ids()).toEqual(["01A"]);
});

test("a batch is looked after until its end is told, or cannot be", () => {
  const batches = new ActiveBatches();
  for (const batch of ["01A", "01B"]) batches.open({ ...SPEC, batch });
  batches.get("01A").over = true;
  expect(batches.unended()).toEqual(["01B"]);
  expect(batches.ids()).toEqual(["01A", "01B"]);
});
