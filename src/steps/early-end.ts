/**
 * Ends a batch as soon as too many of its items have failed, it has cost too much, or enough is settled.
 *
 * Workers add what they settled to the batch's live counts. These are only a reason to read the tree. A batch
 * without such limits costs no update.
 */
import { sizeOf, unitsOf } from "../batch/sources.ts";
import { readBatch, specFields } from "../batch/spec.ts";
import type { BatchSpec } from "../batch/spec.ts";
import { askToEnd, endEarlyWith } from "../batch/steering/end.ts";
import { enforceCost } from "./spending.ts";
import { readTotals } from "../batch/summary/progress.ts";
import { endsWithEnough, enoughOf } from "../core/records/batch/bounds/enough.ts";
import { addLiveCounts, liveCount, liveCountsKey } from "../core/records/batch/live-counts.ts";
import type { Fields } from "../core/records/record.ts";
import { exceededEarly } from "../core/records/batch/bounds/tolerance.ts";
import type { Totals } from "../core/records/totals.ts";
import { readerKinds } from "../input/kinds.ts";
import type { Ports } from "../ports.ts";

/** `settled`: what a worker has just settled of items that no earlier generation ran. */
export async function endEarly(ports: Ports, spec: BatchSpec, settled: Totals): Promise<void> {
  const { batch, tolerate } = spec;
  await enforceCost(ports, spec, settled);
  const limited = settled.failed > 0 && (tolerate.count !== null || tolerate.percent !== null);
  const fields = spec.enough === undefined ? null : await readBatch(ports.ledger, batch);
  const awaits = fields !== null && endsWithEnough(fields);
  if (!limited && !awaits) return;
  const { failed, succeeded, units, chunks } = settled;
  const counted = awaits ? { failed, succeeded, units, chunks } : { failed };
  const { record } = await ports.ledger.update(addLiveCounts(batch, counted));
  if (limited) await enforceTolerance(ports, spec, record);
  if (awaits) await endIfEnough(ports, spec, fields, record);
}

async function enforceTolerance(ports: Ports, spec: BatchSpec, counts: Fields | null): Promise<void> {
  const { batch, input, tolerate } = spec;
  const limits = specFields(spec);
  const items = readerKinds[input.reader].indexed ? unitsOf(input) : null;
  // At least so many items are tried: no less than when the tree was read last.
  const tried = Math.max(liveCount(counts, "tried"), tolerate.sample ?? 0);
  if (exceededEarly(limits, { failed: liveCount(counts, "failed"), tried, items }) === null) return;
  const { totals } = await readTotals(ports.ledger, batch, { stale: false });
  const now = { failed: totals.failed, tried: totals.succeeded + totals.failed, items };
  const failure = exceededEarly(limits, now);
  if (failure !== null) await askToEnd(ports, batch, "failures", failure);
  else {
    const key = liveCountsKey(batch);
    await ports.ledger.update({ key, when: [], set: { tried: now.tried }, add: {} });
  }
}

async function endIfEnough(
  ports: Ports,
  spec: BatchSpec,
  fields: Fields,
  counts: Fields | null,
): Promise<void> {
  const { chunks } = fields;
  const whole = { units: sizeOf(spec.input), chunks: typeof chunks === "number" ? chunks : null };
  const sums = {
    succeeded: liveCount(counts, "succeeded"),
    units: liveCount(counts, "units"),
    chunks: liveCount(counts, "chunks"),
  };
  if (enoughOf(fields, sums, whole) === null) return;
  const { totals } = await readTotals(ports.ledger, spec.batch, { stale: false });
  const enough = enoughOf(fields, totals, whole);
  if (enough !== null) await endEarlyWith(ports, spec.batch, enough);
}
