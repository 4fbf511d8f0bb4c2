/** The failed items of running batches, for a host whose process does not run them. */
import type { LiveFailures } from "../../core/failures/failure-summary.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import { LiveGroups } from "../../outputs/live-groups.ts";
import type { SettledCounts } from "../../batch/summary/leaf-history.ts";
import type { ApiHost } from "../host.ts";

/** `null`: nothing has failed, or the batch has ended and its record has the groups. */
export function failedWhileRunning(
  source: Pick<ApiHost, "ledger" | "store">,
): (batch: string, fields: Fields, settled: SettledCounts) => Promise<LiveFailures | null> {
  const groups = new LiveGroups(source);
  return async (batch, fields, { items }) =>
    hasEnded(fields) || items.failed === 0 ? null : groups.of(batch, fields);
}
