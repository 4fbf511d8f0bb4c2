/**
 * The engine's ledger, as those see it who are told over HTTP: what is not durable yet is waited for, and an
 * ended batch has its files.
 */
import type { Engine } from "./engine.ts";
import { publishIfEnded } from "../directory/publish.ts";
import type { Ledger } from "../../ports.ts";

export function committedLedger(engine: Pick<Engine, "ledger" | "committed">, directory: string): Ledger {
  const { ledger } = engine;

  return {
    async read(keys, options) {
      const records = await ledger.read(keys, options);
      await engine.committed();
      records.forEach((fields, place) => publishIfEnded(directory, keys[place] ?? "", fields));
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
      for (const { key, fields } of page) publishIfEnded(directory, key, fields);
      return page;
    },
  };
}
