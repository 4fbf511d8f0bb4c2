/** The engine's ledger, as those see it who are told over HTTP: what is not durable yet is waited for, and an ended batch has its files. */
import { batchIn, hasEnded } from "../core/batch.ts";
import type { Fields } from "../core/record.ts";
import type { Engine } from "./engine.ts";
import { publish } from "./publish.ts";
import type { Ledger } from "../ports.ts";

export function committedLedger(engine: Pick<Engine, "ledger" | "committed">, directory: string): Ledger {
  const { ledger } = engine;

  function publishIfEnded(key: string, fields: Fields | null): void {
    const batch = batchIn(key);
    if (fields && batch !== null && hasEnded(fields)) publish(directory, batch, fields);
  }

  return {
    async read(keys, options) {
      const records = await ledger.read(keys, options);
      await engine.committed();
      records.forEach((fields, place) => publishIfEnded(keys[place] ?? "", fields));
      return records;
    },
    async update(update) {
      const updated = await ledger.update(update);
      await engine.committed();
      return updated;
    },
    async list(prefix, after, limit, options) {
      const page = await ledger.list(prefix, after, limit, options);
      await engine.committed();
      for (const { key, fields } of page) publishIfEnded(key, fields);
      return page;
    },
  };
}
