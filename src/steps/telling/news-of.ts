/** What is told of the end of a batch: its summary without results, names of files, or texts of items. */
import { generationOf } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { JsonObject } from "../../core/json/json.ts";
import { summarize } from "../../batch/summary/summary.ts";
import type { News } from "../../news.ts";
import type { Ledger } from "../../ports.ts";

/** An event of EventBridge holds 256 KiB in all. */
const MAX_MESSAGE = 2_000;

/** The news of a batch that has ended. `more` is added to its data. */
export async function newsOf(
  ledger: Pick<Ledger, "read">,
  batch: string,
  fields: Fields,
  more: JsonObject,
): Promise<News> {
  const summary = await summarize(ledger, batch, fields, (_batch, file) => file);
  const { job, state, items, chunks, damaged, maxItems, incomplete, enough } = summary;
  const { createdAt, endedAt, seconds, error } = summary;
  const generation = generationOf(fields);
  const data: JsonObject = {
    batch,
    job,
    generation,
    state,
    items: { ...items },
    chunks: { ...chunks },
    damaged,
    ...(maxItems === undefined ? {} : { maxItems }),
    ...(incomplete ? { incomplete } : {}),
    ...(enough === undefined ? {} : { enough }),
    createdAt,
    endedAt,
    seconds,
    error: error && { code: error.code, message: error.message.slice(0, MAX_MESSAGE) },
    ...more,
  };
  const body = JSON.stringify({ type: "batch.ended", timestamp: endedAt, data });
  return { id: `msg_${batch}_${generation}`, data, body };
}
