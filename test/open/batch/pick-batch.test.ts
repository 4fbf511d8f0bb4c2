import { expect, test } from "vitest";
import { pickBatch } from "../../../src/open/batch/pick-batch.ts";
import type { Fields } from "../../../src/core/records/record.ts";

const BATCHES = new Map<string, Fields>([
  ["batch/01AB", { endedAt: 1 }],
  ["batch/01AC", {}],
  ["batch/01B", { endedAt: 1 }],
]);
const ledger = {
  read: async (keys: readonly string[]) => keys.map((key) => BATCHES.get(key) ?? null),
  list: async (prefix: string, after: string | null, limit: number) =>
    Array.from(BATCHES, ([key, fields]) => ({ key, fields }))
      .filter(({ key }) => key.startsWith(prefix) && (after === null || key > after))
      .slice(0, limit),
};

test("a batch is found by its id or a unique prefix, in upper or lower case", async () => {
  expect((await pickBatch(ledger, "01b", ".fanjoin")).batch).toBe("01B");
  expect((await pickBatch(ledger, "01AB", ".fanjoin")).batch).toBe("01AB");
  await expect(pickBatch(ledger, "01A", ".fanjoin")).rejects.toMatchObject({ code: "USAGE" });
  await expect(pickBatch(ledger, "", ".fanjoin")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("the latest batch is the newest one", async () => {
  const newest = { ...ledger, list: async () => [{ key: "batch/01C", fields: {} }] };
  expect((await pickBatch(newest, "latest", ".fanjoin")).batch).toBe("01C");
  const none = { ...ledger, list: async () => [] };
  await expect(pickBatch(none, "latest", ".fanjoin")).rejects.toMatchObject({
    code: "BATCH_UNKNOWN",
    message: "there is no batch in .fanjoin",
  });
});
