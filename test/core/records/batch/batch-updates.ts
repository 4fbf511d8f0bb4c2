/** Records of batches as their updates leave them. */
import { expect } from "vitest";
import { commitBatch, endBatch, openBatch, planned } from "../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../src/core/records/batch/redriving.ts";
import type { Failure, Joined } from "../../../../src/core/records/batch/batch.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";

export const ASKED: Failure = { code: "CANCELLED", message: "asked" };

export const MERGE: Failure = { code: "MERGE_FAILED", message: "merge" };

/** The record after all these updates. Each has to be applied. */
export function after(...updates: Update[]): Fields {
  let record: Fields | null = null;
  for (const update of updates) {
    const reply = applyUpdate(record, update);
    expect(reply.applied).toBe(true);
    record = reply.record;
  }
  return record ?? {};
}

export const opened = (fields: Fields = {}): Update => openBatch("b", fields);

export const END = { end: 3, short: false, generation: 0 };

export const cancel = endBatch("b", "cancel", ASKED);

export const joined = (totals: Partial<Totals> = {}, error: Failure | null = null): Joined => {
  return { totals: { ...NO_TOTALS, ...totals }, result: "r", error };
};

/** A batch that ended with these totals. */
export const ended = (totals: Partial<Totals>, ...before: Update[]): Fields => {
  const record = after(opened(), planned("b", END), ...before);
  return applyUpdate(record, commit(record, joined({ chunks: 3, ...totals }))).record ?? {};
};

export const redriven = (record: Fields, short = false): Fields => {
  const reply = applyUpdate(record, redriveBatch("b", record, { short }));
  expect(reply.applied).toBe(true);
  return reply.record ?? {};
};

export const commit = (record: Fields, outcome = joined()): Update => commitBatch("b", record, outcome, 5);
