/**
 * The journal of careful attempts on a platform where nothing survives a crash. The ledger names the open
 * item before it runs, so the next attempt knows which item the process died of.
 */
import {
  blame,
  noteClosed,
  noteHurried,
  noteOpen,
  parseTraces,
} from "../../core/records/attempts/attempt-traces.ts";
import type { Quarantined } from "../../core/records/attempts/crash-journal.ts";
import type { JournaledItem, Traces } from "../../core/records/attempts/attempt-traces.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Update } from "../../core/records/record.ts";
import type { Clock, Ledger } from "../../ports.ts";
import type { OpenItem } from "../../runner/poison/open-item.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";

/** An item that was open for this share of the time budget when the time was up is quarantined at once. */
const CERTAIN_SHARE = 1 / 2;
/** From this share on it counts as one death, and the second death quarantines the item. */
const SUSPICIOUS_SHARE = 1 / 4;

type Verdict = Omit<Quarantined, "index" | "attempts">;

const CRASHED: Verdict = {
  code: "ITEM_CRASHED",
  error: {
    name: "CrashError",
    message:
      "the item ended the function that ran it, twice: it exited, ran out of memory, or kept it busy until its time was up",
  },
};

/** A careful attempt at one chunk. */
interface Attempt {
  readonly message: ChunkMessage;
  readonly number: number;
  readonly tag: string;
  readonly traces: Traces;
  open: JournaledItem | null;
  openedAt: number;
  /** How long the item had been open when the time was up; `null` if none was open. */
  cutAfterMs: number | null;
}

export class LedgerJournal {
  readonly #ledger: Pick<Ledger, "update">;
  readonly #clock: Clock;
  readonly #timeBudget: TimeBudget;
  #attempt: Attempt | null = null;

  constructor(ledger: Pick<Ledger, "update">, clock: Clock, timeBudget: TimeBudget) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#timeBudget = timeBudget;
  }

  /** Begins a careful attempt. An item that an earlier attempt left open is blamed first. */
  async begin(message: ChunkMessage, number: number, tag: string, traces: Traces): Promise<void> {
    const { open } = traces;
    const known = open ? await this.#blame({ message, traces, open }, CRASHED) : traces;
    this.#attempt = { message, number, tag, traces: known, open: null, openedAt: 0, cutAfterMs: null };
  }

  /** See `ItemJournal.note`. */
  note(item: OpenItem | null): void | Promise<void> {
    if (item) return this.#open(item);
    const attempt = this.#attempt;
    if (attempt && this.#timeBudget.interruption === "time")
      attempt.cutAfterMs = this.#clock.now() - attempt.openedAt;
  }

  /** See `ItemJournal.suspend`. */
  async suspend(): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt?.open) return;
    const closing = noteClosed(attempt.message, attempt.open);
    attempt.open = null;
    await this.#update(closing);
  }

  async #open({ message, index }: OpenItem): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt) return;
    const open = { index, until: this.#timeBudget.overAt, attempt: attempt.number, tag: attempt.tag };
    await this.#update(noteOpen(message, open));
    attempt.open = open;
    attempt.openedAt = this.#clock.now();
  }

  /** For items that run: if the ledger fails, that is not their fault, and none is listed as failed. */
  async #update(update: Update): Promise<void> {
    try {
      await this.#ledger.update(update);
    } catch (error) {
      this.#timeBudget.breakOff(error);
      throw error;
    }
  }

  /** Ends the attempt. If the time was up, the open item is blamed if it took a large share of the time. */
  async end(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = null;
    if (!attempt) return;
    const { message, number, traces, open, cutAfterMs } = attempt;
    if (open) {
      const share = cutAfterMs === null ? 0 : cutAfterMs / this.#timeBudget.lengthMs;
      if (share >= SUSPICIOUS_SHARE) {
        await this.#blame({ message, traces, open }, lateVerdict(cutAfterMs ?? 0), share >= CERTAIN_SHARE);
        return;
      }
      await this.#ledger.update(noteClosed(message, open));
    }
    const isLate = this.#timeBudget.interruption === "time";
    if (isLate) await this.#ledger.update(noteHurried(message, number));
  }

  /** Returns the traces after the update. */
  async #blame(
    { message, traces, open }: Pick<Attempt, "message" | "traces"> & { readonly open: JournaledItem },
    verdict: Verdict,
    certain = false,
  ): Promise<Traces> {
    const { record } = await this.#ledger.update(
      blame({ chunk: message, traces, open, reason: verdict, certain }),
    );
    return parseTraces(record);
  }
}

function lateVerdict(ms: number): Verdict {
  const message = `process did not finish within ${Math.round(ms)} ms, and then the time of the function that ran it was up`;
  return { code: "ITEM_TIMEOUT", error: { name: "FanjoinError", message } };
}
