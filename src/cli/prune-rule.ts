/** Which batches `fanjoin prune` removes. */
import { InvalidArgumentError } from "commander";
import type { BatchSummary } from "../batch/summary/summary.ts";

/** A batch is removed if both hold. */
export interface PruneRule {
  /** It ended longer ago than this. */
  readonly olderMs: number;
  /** So many that ended have begun after it. */
  readonly keep: number;
}

/** Without `--older` and without `--keep`. */
export const DEFAULT_OLDER = "7d";

const UNITS_MS = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** The value of `--older`: `30min`, `12h`, `7d`, `2w`. In milliseconds. */
export function age(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})(s|min|h|d|w)$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? NaN);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError("It must be a time such as 30min, 12h, 7d or 2w.");
}

/** `--keep` alone keeps the newest, however old the others are. */
export function pruneRule(options: {
  readonly older?: number | undefined;
  readonly keep?: number | undefined;
}): PruneRule {
  const { older, keep } = options;
  return { olderMs: older ?? (keep === undefined ? age(DEFAULT_OLDER) : 0), keep: keep ?? 0 };
}

/** `batches`: newest first. Batches that have not ended are never among them. `now`: ms since the epoch. */
export async function* batchesToPrune<Summary extends Pick<BatchSummary, "endedAt">>(
  batches: AsyncIterable<Summary>,
  { olderMs, keep }: PruneRule,
  now: number,
): AsyncGenerator<Summary> {
  let newer = 0;
  for await (const summary of batches) {
    if (summary.endedAt === null) continue;
    const isOld = now - Date.parse(summary.endedAt) >= olderMs;
    if (newer++ >= keep && isOld) yield summary;
  }
}
