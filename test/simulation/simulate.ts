/**
 * Runs the real steps on in-memory ports, interleaved effect by effect in a random order. There are
 * duplicates, reordering, lost messages, deaths before and after effects, commands that nobody gives again,
 * and a cancel. All randomness comes from the seed, and no step waits for time.
 */
import { redrive } from "../../src/batch/steering/redrive.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { stage } from "../steps/stage.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import { csvJob } from "../steps/jobs.ts";
import { JOIN } from "./everyday.ts";
import type { Cutting } from "../../src/runner/chunk/cutting/cutting.ts";
import { chance } from "../../src/core/chance.ts";
import type { Chance } from "../../src/core/chance.ts";
import { randomInput } from "./input.ts";
import type { Input } from "./input.ts";
import { limitedCalls } from "./limits.ts";
import { SWEEP_MS, MOST_SWEEPS, Simulation } from "./simulation.ts";
import type { Happened } from "./happened.ts";

/** What became of a run. */
export interface Ran {
  readonly cancelled: boolean;
  /** Every attempt at a join has died. If it was the root's, the batch has its counts, and no result. */
  readonly joinIsGivenUp: boolean;
}

export interface Simulated extends Ran {
  readonly one: Stage;
  readonly input: Input;
  readonly happened: Happened;
  readonly tolerate: BatchSpec["tolerate"];
  /** Redrives the batch, with code that may be fixed, and with new faults. */
  redrive(): Promise<Ran>;
}

const EVERYDAY_EVERY = 4;
/** So often, of these, values of a few groups are kept in blocks. */
const LARGE_EVERY = 8;
const LARGE = { fromGroups: 3, mostBytes: 2 ** 20 };
/** So often small sources share chunks. */
const RUNS_EVERY = 3;
/** So often calls are limited. */
const LIMITS_EVERY = 7;

/** `observe` is called between two effects, again and again. */
export async function simulate(
  seed: number,
  observe: (one: Stage) => Promise<void> = async () => {},
): Promise<Simulated> {
  const random = chance(seed);
  const runs = seed % RUNS_EVERY === 0;
  const input = randomInput(random, runs);
  const tolerate = {
    count: random.oneIn(4) ? random.below(6) : null,
    percent: random.oneIn(4) ? random.below(60) : null,
  };
  const chunk = random.oneIn(5)
    ? { bytes: 1 + random.below(runs ? 2000 : 300) }
    : { items: 1 + random.below(runs || random.oneIn(3) ? 20 : 3) };
  const hedge = random.oneIn(2);
  const own = seed % LIMITS_EVERY === 0 ? limitedCalls(seed) : null;
  const job = csvJob({ retries: 0, hedge, ...(own ? { concurrency: own.limits.concurrency } : {}) });
  const code = { fixed: false };
  const fixable = {
    ...job,
    // Not every time: they cost as much as all the rest.
    join: seed % EVERYDAY_EVERY === 0 ? JOIN : job.join,
    process: (row: unknown, context: Parameters<typeof job.process>[1]) => {
      const run = (): unknown => (code.fixed ? (row as { id: string }).id : job.process(row, context));
      return own ? own.during(run, context.signal) : run();
    },
  };
  const blockBytes = 1 + random.below(500);
  const deadlineMs = 2 * MOST_SWEEPS * SWEEP_MS;
  const cutting = random.oneIn(2) ? cuttingAt(random) : null;
  const options = { job: fixable, inputs: input.inputs, runs, chunk, tolerate, blockBytes, deadlineMs };
  const largeValues = seed % LARGE_EVERY === 0 ? { largeValues: LARGE } : {};
  const one = await stage({
    ...options,
    ...largeValues,
    ...(cutting ? { cutting } : {}),
    ...(own ? { limited: own.limited } : {}),
  });
  const alarms = own?.alarms ?? null;
  const run = new Simulation({ one, random, observe, alarms });
  await run.all(
    () => one.submit(),
    () => one.batch()["job"] !== undefined,
  );
  return {
    one,
    input,
    cancelled: run.cancelAccepted,
    joinIsGivenUp: run.joinIsGivenUp,
    happened: { ...run.happened, ...own?.reached() },
    tolerate,
    async redrive() {
      code.fixed = random.oneIn(2);
      const again = new Simulation({ one, random, observe, alarms });
      const { generation } = one.batch();
      const isOpen = (): boolean => one.batch()["generation"] !== generation;
      await again.all(async () => {
        // A second request, after a lost answer to the first, would be refused.
        if (!isOpen()) await redrive(one.ports, BATCH, null);
      }, isOpen);
      own?.reached();
      return { cancelled: again.cancelAccepted, joinIsGivenUp: again.joinIsGivenUp };
    },
  };
}

/** The time may be up before any item. */
function cuttingAt(random: Chance): Cutting {
  const rarely = 1 + random.below(12);
  return {
    isDue: () => random.oneIn(rarely),
    mayCut: () => true,
    partsFor: () => 1 + random.below(4),
    isLate: () => random.oneIn(20),
  };
}
