import { NativePromise } from "../core/native-promise.ts";
import { startTimeout, stopTimeout } from "./captured.ts";

/** Resolves after `ms`, or as soon as `signal` fires. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new NativePromise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      stopTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = startTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
