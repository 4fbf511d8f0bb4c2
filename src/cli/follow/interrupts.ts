/**
 * Ctrl-C, SIGTERM and a closed terminal. The first signal asks to stop cleanly.
 * The second stops at once, even while the process closes what it opened.
 */
import { say } from "../display/standard-error.ts";
import { EXIT } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Said after the first signal, while something still has to be stopped cleanly. */
export const STOPPING = "stopping… (press Ctrl-C again to stop at once)";

export interface Interrupts extends Disposable {
  /** Resolves at the first signal. */
  readonly first: Promise<"interrupted">;
  /** The second signal says this, and ends the process. */
  lastWords: string | null;
}

/** Stops listening for the second signal of work that was interrupted. */
let stopListening = (): void => {};

export function listenForInterrupts(): Interrupts {
  stopListening();
  const { promise: first, resolve } = Promise.withResolvers<"interrupted">();
  let interrupted = false;
  const listener = (): void => {
    if (interrupted) {
      if (interrupts.lastWords !== null) say(interrupts.lastWords);
      process.exit(EXIT.interrupted);
    }
    interrupted = true;
    resolve("interrupted");
  };
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  const interrupts: Interrupts = {
    first,
    lastWords: null,
    [Symbol.dispose]() {
      if (interrupted) stopListening = stop;
      else stop();
    },
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return interrupts;
}
