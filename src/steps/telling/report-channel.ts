/** Has the report made of a batch that has ended, on a stack: by the coordinator, which has the page. */
import { hasOwnReport, hasStoredReport } from "../../core/records/batch/report.ts";
import { readBatch } from "../../batch/spec.ts";
import type { Channel } from "../../news.ts";
import type { Ports } from "../../ports.ts";

/**
 * A channel, because the news of the end survive what the process that committed it does not. It only sends
 * a message: nobody waits for a report.
 */
export function reportChannel({ ledger, queue }: Pick<Ports, "ledger" | "queue">, batch: string): Channel {
  /** A short redrive of a batch that has a report replaces it. */
  const isOutdated = async (): Promise<boolean> => {
    const fields = await readBatch(ledger, batch);
    return fields !== null && hasStoredReport(fields);
  };
  return {
    id: "report",
    shown: "the coordinator",
    async tell({ data: { seconds, generation } }) {
      const isWanted = hasOwnReport(Number(seconds)) || (generation !== 0 && (await isOutdated()));
      if (isWanted) await queue.send("coordinator", [{ kind: "report", batch }]);
      return "told";
    },
  };
}
