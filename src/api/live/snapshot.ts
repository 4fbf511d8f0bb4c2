/** What a page shows of a batch at one moment, and what has changed since. */
import { NO_FAILURES, endedFailures } from "../../core/failures/live-failures.ts";
import type { LiveFailures } from "../../core/failures/failure-summary.ts";
import { historyChange } from "../../core/history/difference.ts";
import type { HistoryChange } from "../../core/history/difference.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { ApiHost, SeenBatch } from "../host.ts";
import type { ApiRequest } from "../http.ts";
import { groupsForCallers, publicSummary, recordOf } from "../handlers/batch-summary.ts";
import { lineForCallers } from "../handlers/failed-page.ts";

export interface BatchSnapshot {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly summary: BatchSummary;
  readonly failures: LiveFailures;
  /** `null`: none was kept. */
  readonly history: BatchHistory | null;
}

export interface BatchChange {
  readonly at: number;
  /** Fields with their whole new values, and the names of those that are gone. */
  readonly summary?: {
    readonly set: Partial<BatchSummary>;
    readonly unset?: readonly (keyof BatchSummary)[];
  };
  readonly failures?: LiveFailures;
  readonly history?: HistoryChange;
}

/** Throws `BATCH_UNKNOWN`. */
export async function snapshotOf(
  host: ApiHost,
  request: Pick<ApiRequest, "base">,
  batch: string,
): Promise<BatchSnapshot> {
  let { summary, seen } = await look(host, request, batch);
  const { failures = null } = seen ?? {};
  // Items failed between the two reads: no more are in groups than are counted.
  if (failures && failures.of > summary.items.failed) {
    const next = await look(host, request, batch);
    summary = next.summary;
    seen = { history: next.seen?.history ?? null, failures };
  }
  return {
    at: host.now(),
    summary,
    failures: failuresOf(host, summary, seen),
    history: seen?.history ?? null,
  };
}

async function look(
  host: ApiHost,
  request: Pick<ApiRequest, "base">,
  batch: string,
): Promise<{ readonly summary: BatchSummary; readonly seen: SeenBatch | null }> {
  const { latest = host.ledger } = host;
  const running = await recordOf({ ledger: latest }, batch);
  // An end is told once it is durable.
  const fields = hasEnded(running) ? await recordOf(host, batch) : running;
  const reader = hasEnded(running) ? host : { ...host, ledger: latest };
  const summary = await publicSummary(reader, request, { batch, fields }, { details: true });
  return { summary, seen: await host.seen(batch, fields, summary) };
}

function failuresOf(
  { forCallers }: Pick<ApiHost, "forCallers">,
  { endedAt, failures, items }: BatchSummary,
  seen: SeenBatch | null,
): LiveFailures {
  const live = seen?.failures ?? null;
  const groups = live?.groups.map((group) => {
    const [shown = group] = groupsForCallers([group], forCallers);
    return { ...group, ...shown, items: group.items.map((item) => lineForCallers(item, forCallers)) };
  });
  const shown = live && groups ? { ...live, groups } : null;
  if (endedAt === null) return shown ?? NO_FAILURES;
  if (failures) return endedFailures(failures, shown);
  return items.failed === 0 || shown === null ? NO_FAILURES : shown;
}

/** `null`: nothing has changed. `failures`: whether they may be in it. */
export function changeBetween(
  before: BatchSnapshot,
  after: BatchSnapshot,
  { failures: mayHaveFailures }: { readonly failures: boolean },
): BatchChange | null {
  const summary = summaryChange(before.summary, after.summary);
  const history =
    before.history && after.history
      ? historyChange(before.history, after.history)
      : after.history && { whole: after.history };
  const areNew = mayHaveFailures && JSON.stringify(before.failures) !== JSON.stringify(after.failures);
  if (!summary && !history && !areNew) return null;
  return {
    at: after.at,
    ...(summary ? { summary } : {}),
    ...(areNew ? { failures: after.failures } : {}),
    ...(history ? { history } : {}),
  };
}

function summaryChange(before: BatchSummary, after: BatchSummary): BatchChange["summary"] | null {
  const names = Object.keys(after) as (keyof BatchSummary)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const unset = (Object.keys(before) as (keyof BatchSummary)[]).filter((name) => after[name] === undefined);
  if (changed.length + unset.length === 0) return null;
  const set = Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<BatchSummary>;
  return unset.length === 0 ? { set } : { set, unset };
}
