/** A runner for a platform with a time limit, with its time budget and the journal that outlives it. */
import type { Clock, Ledger } from "../../ports.ts";
import type { ItemJournal } from "../../runner/poison/open-item.ts";
import type { StrayErrorHost } from "../../runner/poison/stray-error.ts";
import { sleep } from "../../runner/sleep.ts";
import type { LedgerLimits } from "../limiting/ledger-limits.ts";
import { ledgerLimits } from "../limiting/ledger-limits.ts";
import { LedgerJournal } from "../poison/ledger-journal.ts";
import { newHeartbeat } from "../../runner/poison/heartbeat.ts";
import { createRunner } from "../../runner/create-runner.ts";
import type { JobRunner } from "../../runner/create-runner.ts";
import type { Machine } from "../../runner/machine.ts";
import { Overtaken } from "../../runner/overtaken.ts";
import { TimeBudget } from "../../runner/time-budget.ts";

/** Settling costs requests: once in so long, that is a small part of what the invocation costs. */
const SETTLE_AFTER_MS = 5000;

export interface TimeLimitedMachine extends Pick<Machine, "job" | "store" | "log" | "logOf"> {
  readonly ledger: Pick<Ledger, "update">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether messages can be delayed: chunks then go back when a limit has no calls for them. */
  readonly postpones: boolean;
  readonly newTag: () => string;
  /** Makes `ItemJournal.within`, which attributes uncaught errors to their item. Called once. */
  readonly within?: ((host: StrayErrorHost) => ItemJournal["within"]) | undefined;
}

export interface TimeLimitedRunner {
  readonly runner: JobRunner;
  /** Interrupts what `runner` runs. */
  readonly timeBudget: TimeBudget;
  /** Records the open item of `runner`'s careful attempts. */
  readonly journal: LedgerJournal;
  /** What `runner` has leased of the limits of its batches. */
  readonly limits: Pick<LedgerLimits, "giveBack" | "note">;
  /** Stops what `runner` runs of chunks that are settled. */
  readonly overtaken: Overtaken;
}

export function createTimeLimitedRunner(machine: TimeLimitedMachine): TimeLimitedRunner {
  const { ledger, clock, within, postpones, newTag, ...parts } = machine;
  const timeBudget = new TimeBudget(clock);
  const heartbeat = newHeartbeat();
  const overtaken = new Overtaken();
  const journal = new LedgerJournal(ledger, clock, timeBudget);
  const breakOff = (error: unknown): void => timeBudget.breakOff(error);
  const limits = ledgerLimits({
    ports: { ledger, clock },
    postpones,
    concurrency: machine.job.options.concurrency,
    newTag,
    until: () => timeBudget.overAt,
    sleep,
    breakOff,
  });
  const runner = createRunner({
    ...parts,
    signal: timeBudget.signal,
    interrupted: timeBudget.interrupted,
    now: () => clock.now(),
    heartbeat,
    timeBudget,
    settleAfterMs: SETTLE_AFTER_MS,
    limits: limits.source,
    cutting: timeBudget.cutting,
    overtaken,
    journal: {
      note: (item) => journal.note(item),
      suspend: () => journal.suspend(),
      within: within?.({ heartbeat, log: machine.log, breakOff }) ?? ((_, run) => run()),
    },
  });
  return { timeBudget, journal, limits, overtaken, runner: throwingIfBroken(runner, timeBudget) };
}

/** Throws when a bundle was broken off: neither its reply counts, nor what it would hand over then. */
function throwingIfBroken(runner: JobRunner, timeBudget: TimeBudget): JobRunner {
  return {
    ...runner,
    async chunks(request, { onPart, ...events } = {}) {
      const reply = await runner.chunks(request, {
        ...events,
        onPart: onPart && ((part) => void (timeBudget.isBroken || onPart(part))),
      });
      timeBudget.throwIfBroken();
      return reply;
    },
  };
}
