/** Attributes uncaught errors to the item whose code they come from. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { OpenItem } from "../../src/runner/poison/open-item.ts";
import type { TimeLimitedMachine } from "../../src/steps/time-limited/time-limited-runner.ts";
import { judgeStrayError } from "../../src/runner/poison/stray-error.ts";

/** Lambda's own listeners end the process; ours replace them once there is a runner. */
const KINDS = {
  uncaughtException: "an error that nobody caught",
  unhandledRejection: "a rejection that nobody handled",
} as const;

export function itemContexts(): NonNullable<TimeLimitedMachine["within"]> {
  return (host) => {
    const items = new AsyncLocalStorage<OpenItem>();
    for (const [kind, what] of Object.entries(KINDS)) {
      process.removeAllListeners(kind);
      process.on(kind, (thrown: unknown) =>
        judgeStrayError({ item: items.getStore() ?? null, thrown, what }, host),
      );
    }
    return (item, run) => items.run(item, run);
  };
}
