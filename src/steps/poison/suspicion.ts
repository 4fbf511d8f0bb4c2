/**
 * Decides which chunks are suspects: something may have died of them. A suspect runs alone and with care. The
 * decision is made once, where a message is received, and travels with the delivery.
 */
import type { Traces } from "../../core/records/attempts/attempt-traces.ts";

/** What is known about a chunk besides the number of its attempt. */
export interface ChunkEvidence {
  /** Earlier receives that count for nothing: a process was killed, and people kill processes. */
  readonly carried: number;
  /** The chunk's journal speaks against it. */
  readonly accused: boolean;
}

const NO_EVIDENCE: ChunkEvidence = { carried: 0, accused: false };

/** Every attempt after the first is suspect, unless the evidence explains the earlier ones. */
export function isSuspect(attempt: number, { carried, accused }: ChunkEvidence = NO_EVIDENCE): boolean {
  return accused || attempt - carried > 1;
}

/**
 * Whether a suspect may lack memory: the attempt before this one ended without a word, so its function died.
 * It goes to the job's larger function once, before any item is blamed.
 */
export function mayLackMemory({ reported }: Traces, attempt: number, larger: number | undefined): boolean {
  return larger === undefined && reported !== attempt - 1;
}

/**
 * Whether a suspect runs at full speed for once, alone. The careful attempt before this one ran out of time
 * although no item took much of it: one item at a time is too slow. A chunk with an item that is known to
 * kill does not.
 */
export function mayHurry({ open, deaths, hurried }: Traces, attempt: number): boolean {
  return hurried === attempt - 1 && open === null && deaths.size === 0;
}
