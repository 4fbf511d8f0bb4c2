/**
 * The engine's ledger for answers over HTTP: an answer waits until it is durable, and the files of an ended
 * batch are published before it.
 */
import type { Engine } from "../engine.ts";
import { publishIfEnded } from "../../directory/files/publish.ts";
import type { Ledger } from "../../../ports.ts";

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
