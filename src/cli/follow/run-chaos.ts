/** `fanjoin run --chaos SEED`: runs a job twice, plainly and disturbed, and compares the two batches. */
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { chance } from "../../core/chance.ts";
import { Chaos } from "../../open/open.ts";
import type { ChaosCounts } from "../../open/open.ts";
import { say } from "../display/standard-error.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { batchDifference } from "./batch-difference.ts";
import type { EndedRun } from "./batch-difference.ts";
import { reportOutcome } from "./report-outcome.ts";

/** How one of the two batches is run. */
export interface RunManner {
  readonly chaos?: Chaos;
  /** In place of what the command line says. */
  readonly chunkItems?: number;
  /** In place of the usual report. */
  readonly report: typeof reportOutcome;
}

/** The disturbed batch has about this many chunks, and up to ten times as many. */
const LEAST_CHUNKS = 10;

/** Reports the plain batch as without chaos. `EXIT.itemsFailed` if the two differ. */
export async function runWithChaos(
  seed: number,
  run: (manner: RunManner) => Promise<ExitCode>,
): Promise<ExitCode> {
  say(
    `chaos: the job runs twice, so \`process\` does, too: first plainly, then with seed ${seed}, which cuts in another way, kills threads, and repeats and delays chunks`,
  );
  const ended: EndedRun[] = [];
  const code = await run({
    async report(summary, options, batch) {
      ended.push({ summary, read: (file) => batch.read(file) });
      return reportOutcome(summary, options, batch);
    },
  });
  const [plain] = ended;
  if (plain === undefined) return code;
  if (code !== EXIT.succeeded && code !== EXIT.itemsFailed) {
    say("chaos: the plain batch has failed, so there is nothing to compare");
    return code;
  }
  const chaos = new Chaos(seed);
  return run({
    chaos,
    chunkItems: otherSize(plain.summary, seed),
    report: (summary, _, batch) =>
      compare(plain, { summary, read: (file) => batch.read(file) }, { chaos, seed, code }),
  });
}

function otherSize({ items: { succeeded, failed } }: BatchSummary, seed: number): number {
  const chunks = LEAST_CHUNKS * (1 + chance(seed).below(10));
  return Math.max(1, Math.ceil((succeeded + failed) / chunks));
}

interface Comparison {
  readonly chaos: Chaos;
  readonly seed: number;
  /** That of the plain batch. */
  readonly code: ExitCode;
}

async function compare(
  plain: EndedRun,
  disturbed: EndedRun,
  { chaos, seed, code }: Comparison,
): Promise<ExitCode> {
  const difference = await batchDifference(plain, disturbed);
  if (difference === null) {
    say(sameText(chaos.counts, seed));
    return code;
  }
  say(
    `chaos: seed ${seed} gives another answer: ${difference}. Batch ${plain.summary.batch} is the plain one, ${disturbed.summary.batch} the disturbed one. Cuts and repeats come from the seed, the moment of a kill only nearly. \`everyCut\` of fanjoin/testing finds the smallest input and the usual cause`,
  );
  return EXIT.itemsFailed;
}

function sameText({ kills, repeats, delays }: ChaosCounts, seed: number): string {
  return `chaos: the same result, outputs and failed items with seed ${seed}: ${kills} threads killed, ${repeats} times repeated, ${delays} times delayed`;
}
