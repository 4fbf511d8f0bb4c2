/** A runner for a machine whose time is limited, with the shift that it keeps and the journal that outlives it. */
import type { Logger } from "../job.ts";
import type { Clock, Ledger } from "../ports.ts";
import type { ItemJournal } from "./careful.ts";
import { DurableJournal } from "./durable-journal.ts";
import { newPulse } from "./pulse.ts";
import type { Pulse } from "./pulse.ts";
import { createRunner } from "./run-chunks.ts";
import type { Machine } from "./run-chunks.ts";
import type { Runner } from "./runner.ts";
import { Shift } from "./shift.ts";

export interface LimitedMachine extends Pick<Machine, "job" | "store" | "log" | "logOf"> {
  readonly ledger: Pick<Ledger, "update">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Tells whose errors are that nobody catches. */
  readonly within?: ((surroundings: StraySurroundings) => ItemJournal["within"]) | undefined;
}

interface StraySurroundings {
  readonly shift: Shift;
  readonly pulse: Pulse;
  readonly log: Logger;
}

export interface LimitedRunner {
  readonly runner: Runner;
  readonly shift: Shift;
  readonly journal: DurableJournal;
}

export function createLimitedRunner({ ledger, clock, within, ...machine }: LimitedMachine): LimitedRunner {
  const shift = new Shift(clock);
  const pulse = newPulse();
  const journal = new DurableJournal(ledger, clock, shift);
  const runner = createRunner({
    ...machine,
    signal: shift.signal,
    interrupted: shift.interrupted,
    now: () => clock.now(),
    pulse,
    hours: shift,
    journal: {
      note: (item) => journal.note(item),
      within: within?.({ shift, pulse, log: machine.log }) ?? ((_, run) => run()),
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
