/** The messages about limits, between whoever runs items and the engine. */
import type { CallsWanted, LeaseAnswer } from "../../core/limits/rate-limit.ts";

/** Asks for calls of a batch's rate limit. */
interface LeaseRequest {
  readonly type: "lease";
  readonly id: number;
  readonly batch: string;
  readonly wanted: CallsWanted;
}

/** Asks for room for one more call in flight. The answer is `entered`. */
interface EnterRequest {
  readonly type: "enter";
  readonly id: number;
  readonly batch: string;
}

/** The room of one call is free again. */
interface LeaveRequest {
  readonly type: "leave";
  readonly batch: string;
}

/** Asks for a pause of a batch's rate limit. */
interface PauseRequest {
  readonly type: "pause";
  readonly batch: string;
  readonly ms: number;
}

/** All calls of whoever asks have ended: its thread has. */
interface GoneRequest {
  readonly type: "gone";
}

/** A question about the limits of a batch. */
export type LimitsRequest = LeaseRequest | PauseRequest | EnterRequest | LeaveRequest | GoneRequest;

export type LimitsAnswer = LeasedCall | EnteredCall;

/** The answer to an `EnterRequest`. */
interface EnteredCall {
  readonly type: "entered";
  readonly id: number;
}

/** The answer to a `LeaseRequest`. */
interface LeasedCall {
  readonly type: "leased";
  readonly id: number;
  readonly answer: LeaseAnswer;
}

const LIMITS: ReadonlySet<string> = new Set<LimitsRequest["type"]>([
  "lease",
  "pause",
  "enter",
  "leave",
  "gone",
]);

export function isLimitsRequest(message: { readonly type: string }): message is LimitsRequest {
  return LIMITS.has(message.type);
}
