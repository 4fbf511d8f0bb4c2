/**
 * Ctrl-C, and a polite kill, and a terminal that is closed: the first asks to stop, the second does not ask.
 */
import { EXIT } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

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
