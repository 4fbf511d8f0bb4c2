/**
 * A runner for a machine whose time is limited, with the time budget that it keeps and the journal that outlives
 * it.
 */
import type { Logger } from "../../job/job.ts";
import type { Clock, Ledger } from "../../ports.ts";
import type { ItemJournal } from "../../runner/poison/open-item.ts";
import { LedgerJournal } from "../poison/ledger-journal.ts";
import { newHeartbeat } from "../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../runner/poison/heartbeat.ts";
import { createRunner } from "../../runner/create-runner.ts";
import type { Machine } from "../../runner/machine.ts";
import type { Runner } from "../../runner/runner.ts";
import { TimeBudget } from "../../runner/time-budget.ts";

export interface TimeLimitedMachine extends Pick<Machine, "job" | "store" | "log" | "logOf"> {
  readonly ledger: Pick<Ledger, "update">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Tells whose errors are that nobody catches. */
  readonly within?: ((surroundings: StraySurroundings) => ItemJournal["within"]) | undefined;
}

interface StraySurroundings {
  readonly timeBudget: TimeBudget;
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
}

export interface TimeLimitedRunner {
  readonly runner: Runner;
  readonly timeBudget: TimeBudget;
  readonly journal: LedgerJournal;
}

export function createTimeLimitedRunner({
  ledger,
  clock,
  within,
  ...machine
}: TimeLimitedMachine): TimeLimitedRunner {
  const timeBudget = new TimeBudget(clock);
  const heartbeat = newHeartbeat();
  const journal = new LedgerJournal(ledger, clock, timeBudget);
  const runner = createRunner({
    ...machine,
    signal: timeBudget.signal,
    interrupted: timeBudget.interrupted,
    now: () => clock.now(),
    heartbeat,
    timeBudget,
    journal: {
      note: (item) => journal.note(item),
      within: within?.({ timeBudget, heartbeat, log: machine.log }) ?? ((_, run) => run()),
    },
  });
  return {
    timeBudget,
    journal,
    runner: {
      ...runner,
      async chunks(request, onDraining) {
        const reply = await runner.chunks(request, onDraining);
        timeBudget.throwIfBroken();
        return reply;
      },
    },
  };
}
