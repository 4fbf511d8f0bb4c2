/** Reads what the metrics of a directory are made of. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { allBatches } from "../../batch/list.ts";
import { stateOf } from "../../core/records/batch/batch.ts";
import { isRemoved } from "../../core/records/batch/removed-batch.ts";
import { publicSummary } from "../../api/handlers/batch-summary.ts";
import type { ApiHost } from "../../api/host.ts";
import { metricsText } from "./metrics.ts";

type MetricsHost = Pick<ApiHost, "ledger" | "forCallers" | "isWorkedOn" | "now" | "pace">;

/** Batches that are looked at before others have their turn. */
const AT_ONCE = 200;

export function batchMetrics(host: MetricsHost): () => Promise<string> {
  return async () => {
    const states = new Map<string, number>();
    const working = [];
    let seen = 0;
    for await (const record of allBatches(host.ledger)) {
      // An engine in this process works on between the pages.
      if (++seen % AT_ONCE === 0) await nextTurn();
      const { batch, fields } = record;
      if (isRemoved(fields)) continue;
      const state = stateOf(fields, host.isWorkedOn(batch));
      states.set(state, (states.get(state) ?? 0) + 1);
      if (fields["endedAt"] === undefined)
        working.push(await publicSummary(host, { base: "" }, record, { details: false }));
    }
    return metricsText(working, states);
  };
}
