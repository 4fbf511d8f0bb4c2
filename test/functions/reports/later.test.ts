/** What becomes of the report of a batch that is redriven, or removed. */
import { describe, expect, test } from "vitest";
import { coordinatorHandler } from "../../../functions/coordinator.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { remove } from "../../../src/batch/steering/remove.ts";
import { eventOf } from "../stack/sample-events.ts";
import { SAMPLE_BATCH, sweep } from "../stack/stack.ts";
import {
  HTML,
  JSON_FILE,
  MADE,
  ask,
  ended,
  isStored,
  onWrite,
  reportIn,
  said,
  submitted,
  summaryOf,
  withCredentials,
} from "./reported-stack.ts";
import type { Items } from "./reported-stack.ts";

withCredentials();

describe("a redrive", () => {
  test.each([
    ["of ten seconds", 10_000],
    ["that is shorter", 10],
  ])("%s replaces the report of its batch", async (_, takes) => {
    const items: Items = { takes: 1000, bad: [3] };
    const stack = await ended(items);
    Object.assign(items, { takes, bad: [] });
    await redrive(stack.ports, SAMPLE_BATCH, null);
    // It tells of the end before, and nobody is shown it.
    expect(await isStored(stack)).toBe(true);
    expect(await summaryOf(stack)).not.toHaveProperty("report");
    expect((await ask(stack, "/report")).status).toBe(409);
    await stack.pump();
    expect(reportIn(stack).summary).toMatchObject({
      state: "succeeded",
      items: { succeeded: 10, failed: 0 },
    });
    expect((await summaryOf(stack)).report).toBeDefined();
    expect((await ask(stack, "/report")).body).toContain("No item failed");
  });

  test("that is short makes no report for a batch without one", async () => {
    const items: Items = { takes: 10, bad: [3] };
    const stack = await ended(items);
    items.bad = [];
    await redrive(stack.ports, SAMPLE_BATCH, null);
    await stack.pump();
    expect(stack.batch()).toMatchObject({ state: "succeeded" });
    expect(await isStored(stack)).toBe(false);
  });

  test("that ends while the report before is written has the last word", async () => {
    const items: Items = { takes: 1000, bad: [3] };
    const stack = await submitted(items);
    let isRedriven = false;
    onWrite(stack, async (name) => {
      if (name !== HTML || isRedriven) return;
      isRedriven = true;
      Object.assign(items, { takes: 1, bad: [] });
      await redrive(stack.ports, SAMPLE_BATCH, null);
      await stack.pump();
      // The other coordinator has nothing to replace yet.
      expect(stack.batch()).toMatchObject({ state: "succeeded" });
    });
    await stack.pump();
    expect(reportIn(stack).summary).toMatchObject({ state: "succeeded" });
    expect((await ask(stack, "/report")).body).toContain("No item failed");
    expect(said(stack, "warn")).toEqual([]);
  });

  test("that begins before the report is made has it left to its own end", async () => {
    const items: Items = { takes: 1000, bad: [3] };
    const stack = await ended(items);
    await redrive(stack.ports, SAMPLE_BATCH, null);
    const made = said(stack, "info").length;
    await stack.ports.queue.send("coordinator", [{ kind: "report", batch: SAMPLE_BATCH }]);
    items.takes = 0;
    await stack.pump();
    expect(said(stack, "info").slice(made)).toContain(
      "no report is made: the batch is removed, or is redriven",
    );
    expect(
      said(stack, "info")
        .slice(made)
        .filter((line) => line === MADE),
    ).toHaveLength(1);
    expect(said(stack, "warn")).toEqual([]);
  });
});

test("a redrive that begins while its batch is read has the report left to its end", async () => {
  const stack = await ended({ takes: 1000, bad: [3] });
  const { ledger } = stack.ports;
  const read = ledger.read.bind(ledger);
  const made = stack.store.text(JSON_FILE);
  Object.assign(ledger, {
    async read(...asked: Parameters<typeof read>) {
      Object.assign(ledger, { read });
      const records = await read(...asked);
      await redrive(stack.ports, SAMPLE_BATCH, null);
      return records;
    },
  });
  const message = { kind: "report", batch: SAMPLE_BATCH } as const;
  await stack.invoke(coordinatorHandler, eventOf(message));
  expect(said(stack, "info").at(-1)).toBe("no report is made: the batch is removed, or is redriven");
  expect(said(stack, "warn")).toEqual([]);
  expect(stack.store.text(JSON_FILE)).toBe(made);
});

describe("a removed batch", () => {
  test("loses its report with its result", async () => {
    const stack = await ended({ takes: 1000, bad: [] });
    await remove(stack.ports, SAMPLE_BATCH);
    expect(stack.batch()).not.toHaveProperty("report");
    expect((await ask(stack, "/report")).status).toBe(404);
    await sweep(stack);
    expect([...stack.store.names()].filter((name) => name.startsWith("batches/"))).toEqual([]);
  });

  test("has no report made of it", async () => {
    const stack = await ended({ takes: 1000, bad: [] });
    await remove(stack.ports, SAMPLE_BATCH);
    await sweep(stack);
    for (const batch of [SAMPLE_BATCH, "01GONE"])
      await stack.ports.queue.send("coordinator", [{ kind: "report", batch }]);
    await stack.pump();
    expect(await isStored(stack)).toBe(false);
    expect(said(stack, "warn")).toEqual([]);
  });

  test("keeps none that was being written meanwhile", async () => {
    const stack = await submitted({ takes: 1000, bad: [] });
    onWrite(stack, async (name) => {
      if (name !== HTML) return;
      await remove(stack.ports, SAMPLE_BATCH);
      await sweep(stack);
      expect(stack.batch()).not.toHaveProperty("open");
    });
    await stack.pump();
    expect(said(stack, "info")).not.toContain(MADE);
    expect(await isStored(stack)).toBe(true);
    await sweep(stack);
    expect(await isStored(stack)).toBe(false);
    expect(stack.batch()).not.toHaveProperty("open");
  });
});
