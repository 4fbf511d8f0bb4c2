/** The calls that one thread or function has in flight for a batch whose limit adapts to the service. */
import { AdaptiveWindow } from "../../core/limits/adaptive-window.ts";
import { NativePromise } from "../../core/native-promise.ts";

export class AdaptiveCalls {
  readonly #window: AdaptiveWindow;
  /** Calls that wait, in turn. */
  readonly #waiting = new Set<() => void>();

  /** `most`: how many items run at once. */
  constructor(most: number) {
    this.#window = new AdaptiveWindow(most);
  }

  /** Resolves when one more call may be in flight; with false once `signal` fires. */
  take(signal: AbortSignal): Promise<boolean> {
    return new NativePromise((resolve) => {
      const settle = (mayCall: boolean): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", interrupted);
        resolve(mayCall);
      };
      const begin = (): void => {
        this.#window.begin();
        settle(true);
      };
      const interrupted = (): void => settle(false);
      if (signal.aborted) return resolve(false);
      signal.addEventListener("abort", interrupted);
      this.#waiting.add(begin);
      this.#admit();
    });
  }

  /** `refused`: the service has said that it gets too many calls. */
  end(refused: boolean): void {
    this.#window.end(refused);
    this.#admit();
  }

  /** The call was not made after all. */
  giveUp(): void {
    this.#window.giveUp();
    this.#admit();
  }

  #admit(): void {
    for (const begin of this.#waiting) {
      if (!this.#window.hasRoom) return;
      begin();
    }
  }
}
