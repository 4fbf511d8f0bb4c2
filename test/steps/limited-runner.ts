/** A runner of one invocation whose limits are kept by the ledger, in a time that the test moves. */
import type { Clock, Ports } from "../../src/ports.ts";
import { createRunner } from "../../src/runner/create-runner.ts";
import type { Machine } from "../../src/runner/machine.ts";
import type { Runner } from "../../src/runner/runner.ts";
import { ledgerLimits } from "../../src/steps/limiting/ledger-limits.ts";

export interface LimitedRunner {
  readonly runner: Runner;
  /** The invocation ends. */
  giveBack(): Promise<void>;
}

export interface LimitedRunnerOptions {
  readonly machine: Omit<Machine, "signal" | "interrupted">;
  readonly ports: Pick<Ports, "ledger" | "newTag"> & { readonly clock: Clock };
  readonly sleep: NonNullable<Machine["sleep"]>;
  /** Calls `then` after so long. */
  readonly after: (ms: number, then: () => void) => void;
}

/** An invocation that dies gives its room for calls back no sooner. */
const INVOCATION_MS = 60_000;
/** Then what it runs is interrupted. */
const RUNNING_MS = 50_000;

export function limitedRunner({ machine, ports, sleep, after }: LimitedRunnerOptions): LimitedRunner {
  const controller = new AbortController();
  let broken: { readonly error: unknown } | null = null;
  const overAt = ports.clock.now() + INVOCATION_MS;
  after(RUNNING_MS, () => controller.abort());
  const limits = ledgerLimits({
    ports,
    postpones: true,
    concurrency: machine.job.options.concurrency,
    newTag: ports.newTag,
    until: () => overAt,
    sleep,
    breakOff(error) {
      broken ??= { error };
      controller.abort(error);
    },
  });
  const runner = createRunner({
    ...machine,
    sleep,
    limits: limits.source,
    signal: () => controller.signal,
    interrupted: () => controller.signal.aborted,
  });
  return {
    runner: {
      ...runner,
      async chunks(request, { onPart, ...events } = {}) {
        const reply = await runner.chunks(request, {
          ...events,
          onPart: onPart && ((part) => void (broken || onPart(part))),
        });
        if (broken) throw broken.error;
        return reply;
      },
    },
    giveBack: () => limits.giveBack(),
  };
}
