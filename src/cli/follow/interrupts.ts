/**
 * Ctrl-C, SIGTERM and a closed terminal. The first signal asks to stop cleanly, the second stops at once.
 */
import { EXIT } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Said after the first signal, while something still has to be stopped cleanly. */
export const STOPPING = "stopping… (press Ctrl-C again to stop at once)";

export interface Interrupts extends Disposable {
  /** Resolves at the first signal. */
  readonly first: Promise<"interrupted">;
}

export function listenForInterrupts(): Interrupts {
  const { promise: first, resolve } = Promise.withResolvers<"interrupted">();
  let interrupted = false;
  const listener = (): void => {
    if (interrupted) process.exit(EXIT.interrupted);
    interrupted = true;
    resolve("interrupted");
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    first,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
