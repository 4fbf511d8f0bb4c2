/** A ledger in memory: a map, and `applyUpdate`. */
import { applyUpdate } from "../../core/records/record.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";

export interface MemoryLedger extends Ledger {
  readonly records: Map<string, Fields>;
}

export function memoryLedger(): MemoryLedger {
  const records = new Map<string, Fields>();
  return {
    records,
    async read(keys) {
      return keys.map((key) => records.get(key) ?? null);
    },
    async update(update) {
      const updated = applyUpdate(records.get(update.key) ?? null, update);
      if (updated.applied) records.set(update.key, updated.record);
      return updated;
    },
    async list(prefix, after, limit, { descending = false, having } = {}) {
      const order = descending ? -1 : 1;
      return [...records]
        .filter(([key]) => key.startsWith(prefix) && (after === null || byBytes(key, after) * order > 0))
        .filter(([, fields]) => having === undefined || having in fields)
        .toSorted(([a], [b]) => byBytes(a, b) * order)
        .slice(0, limit)
        .map(([key, fields]) => ({ key, fields }));
    },
  };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
