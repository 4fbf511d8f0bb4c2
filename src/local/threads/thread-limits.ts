/** The limits of batches, between a thread that runs items and the engine that has the ledger. */
import type { CallsWanted, LeaseAnswer } from "../../core/limits/rate-limit.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { InFlight } from "../../runner/limits/limited-gate.ts";
import type { LimitSource } from "../../runner/limits/runner-limits.ts";
import type { LimitsAnswer, LimitsRequest } from "./limits-messages.ts";

/** Something that asks, and has room for calls in flight: a thread, or a child process. */
export interface LimitsHolder {
  postMessage(message: LimitsAnswer): void;
}

/** Answers for the limits of a batch. Nothing here rejects. */
export interface LimitsHost {
  lease(batch: string, wanted: CallsWanted): Promise<LeaseAnswer>;
  pause(batch: string, ms: number): Promise<void>;
  /** Resolves when one more call may be in flight. */
  enter(batch: string, holder: LimitsHolder): Promise<void>;
  leave(batch: string, holder: LimitsHolder): void;
  /** The holder has ended, and with it its calls. */
  gone(holder: LimitsHolder): void;
}

/** A question costs a message to the engine and back, so it may come ten times a second. */
const LEASE_MS = 100;

export interface ThreadLimits extends Pick<ForwardedLimits, "answered"> {
  readonly source: LimitSource;
}

/** The side of the thread. */
export function threadLimits(ask: (request: LimitsRequest) => void): ThreadLimits {
  const { host, answered } = forwardedLimits(ask);
  const nobody: LimitsHolder = { postMessage: () => undefined };
  const inFlightOf = ({ batch }: { readonly batch: string }): InFlight => ({
    take(signal) {
      return new NativePromise((resolve) => {
        const interrupted = (): void => resolve(false);
        signal.addEventListener("abort", interrupted);
        const entered = (): void => {
          signal.removeEventListener("abort", interrupted);
          if (signal.aborted) host.leave(batch, nobody);
          resolve(!signal.aborted);
        };
        void host.enter(batch, nobody).then(entered);
      });
    },
    free: () => host.leave(batch, nobody),
  });
  const source: LimitSource = {
    leaseMs: LEASE_MS,
    postpones: false,
    // The engine looks into the ledger with every question.
    limitsOf: (spec) => spec,
    inFlightOf,
    leasesOf: (spec) => ({
      lease: (wanted) => host.lease(spec().batch, wanted),
      pause: (ms) => host.pause(spec().batch, ms),
    }),
  };
  return { source, answered };
}

export interface ForwardedLimits {
  readonly host: LimitsHost;
  /** An answer has come. */
  readonly answered: (answer: LimitsAnswer) => void;
}

/** Asks another thread or process, for which this one is one holder. */
export function forwardedLimits(ask: (request: LimitsRequest) => void): ForwardedLimits {
  const leases = new Map<number, (answer: LeaseAnswer) => void>();
  const entries = new Map<number, () => void>();
  let lastId = 0;
  return {
    answered(answer) {
      const { id } = answer;
      if (answer.type === "leased") leases.get(id)?.(answer.answer);
      else entries.get(id)?.();
      leases.delete(id);
      entries.delete(id);
    },
    host: {
      lease(batch, wanted) {
        const id = ++lastId;
        return new NativePromise((resolve) => {
          leases.set(id, resolve);
          ask({ type: "lease", id, batch, wanted });
        });
      },
      async pause(batch, ms) {
        ask({ type: "pause", batch, ms });
      },
      enter(batch) {
        const id = ++lastId;
        return new NativePromise((resolve) => {
          entries.set(id, resolve);
          ask({ type: "enter", id, batch });
        });
      },
      leave: (batch) => ask({ type: "leave", batch }),
      gone: () => ask({ type: "gone" }),
    },
  };
}

/** The side of the engine. Without a host nothing is limited, and nobody asks. */
export async function answerLimits(
  host: LimitsHost | undefined,
  request: LimitsRequest,
  holder: LimitsHolder,
): Promise<void> {
  switch (request.type) {
    case "pause":
      return host?.pause(request.batch, request.ms);
    case "leave":
      return host?.leave(request.batch, holder);
    case "gone":
      return host?.gone(holder);
    case "lease": {
      const answer = await host?.lease(request.batch, request.wanted);
      if (answer) holder.postMessage({ type: "leased", id: request.id, answer });
      return;
    }
    case "enter":
      await host?.enter(request.batch, holder);
      holder.postMessage({ type: "entered", id: request.id });
  }
}
