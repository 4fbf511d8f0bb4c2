/**
 * A runner for a machine whose time is limited, with the shift that it keeps and the journal that outlives
 * it.
 */
import type { Logger } from "../../job/job.ts";
import type { Clock, Ledger } from "../../ports.ts";
import type { ItemJournal } from "../../runner/poison/open-item.ts";
import { DurableJournal } from "../poison/ledger-journal.ts";
import { newHeartbeat } from "../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../runner/poison/heartbeat.ts";
import { createRunner } from "../../runner/create-runner.ts";
import type { Machine } from "../../runner/machine.ts";
import type { Runner } from "../../runner/runner.ts";
import { Shift } from "../../runner/time-budget.ts";

export interface LimitedMachine extends Pick<Machine, "job" | "store" | "log" | "logOf"> {
  readonly ledger: Pick<Ledger, "update">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Tells whose errors are that nobody catches. */
  readonly within?: ((surroundings: StraySurroundings) => ItemJournal["within"]) | undefined;
}

interface StraySurroundings {
  readonly shift: Shift;
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
}

export interface LimitedRunner {
  readonly runner: Runner;
  readonly shift: Shift;
  readonly journal: DurableJournal;
}

export function createLimitedRunner({ ledger, clock, within, ...machine }: LimitedMachine): LimitedRunner {
  const shift = new Shift(clock);
  const heartbeat = newHeartbeat();
  const journal = new DurableJournal(ledger, clock, shift);
  const runner = createRunner({
    ...machine,
    signal: shift.signal,
    interrupted: shift.interrupted,
    now: () => clock.now(),
    heartbeat,
    hours: shift,
    journal: {
      note: (item) => journal.note(item),
      within: within?.({ shift, heartbeat, log: machine.log }) ?? ((_, run) => run()),
    },
  });
  return {
    shift,
    journal,
    runner: {
      ...runner,
      async chunks(request, onDraining) {
        const reply = await runner.chunks(request, onDraining);
        shift.throwIfBroken();
        return reply;
      },
    },
  };
}
