/**
 * The journal of careful attempts where nobody survives who could tell which item was open: it is named in
 * the ledger before it runs.
 */
import { blame, noteClosed, noteHurried, noteOpen, parseTraces } from "../../core/records/crash-journal.ts";
import type { Quarantined, JournaledItem, Traces } from "../../core/records/crash-journal.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Clock, Ledger } from "../../ports.ts";
import type { OpenItem } from "../../runner/poison/open-item.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";

/**
 * Parts of a time budget: an item that took more of it than the first is to blame when its time is up; one that
 * took more than the second the second time.
 */
const CERTAIN_SHARE = 1 / 2;
const SUSPICIOUS_SHARE = 1 / 4;

const CRASHED: Omit<Quarantined, "index" | "attempts"> = {
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
  traces: Traces;
  open: JournaledItem | null;
  openedAt: number;
  /** How long the item had been open when the time was up; `null` if none was. */
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

  /** Begins a careful attempt. What an earlier one left open counts against that item first. */
  async begin(message: ChunkMessage, number: number, tag: string, traces: Traces): Promise<void> {
    const known = traces.open ? await this.#blame(message, traces, traces.open, CRASHED) : traces;
    this.#attempt = { message, number, tag, traces: known, open: null, openedAt: 0, cutAfterMs: null };
  }

  /** As `ItemJournal.note`. */
  note(item: OpenItem | null): void | Promise<void> {
    if (item) return this.#open(item);
    const attempt = this.#attempt;
    if (attempt && this.#timeBudget.interruption === "time")
      attempt.cutAfterMs = this.#clock.now() - attempt.openedAt;
  }

  async #open({ message, index }: OpenItem): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt) return;
    const open = { index, until: this.#timeBudget.overAt, attempt: attempt.number, tag: attempt.tag };
    try {
      await this.#ledger.update(noteOpen(message, open));
    } catch (error) {
      // That is no fault of the item's.
      this.#timeBudget.breakOff(error);
      throw error;
    }
    attempt.open = open;
    attempt.openedAt = this.#clock.now();
  }

  /**
   * The attempt has come to an end in this process. Where time was up, the open item is to blame if it took
   * much of it.
   */
  async end(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = null;
    if (!attempt?.open) return;
    const { message, number, traces, open, cutAfterMs } = attempt;
    const isLate = this.#timeBudget.interruption === "time";
    const share = cutAfterMs === null ? 0 : cutAfterMs / this.#timeBudget.lengthMs;
    if (share >= SUSPICIOUS_SHARE) {
      const late = lateVerdict(cutAfterMs ?? 0);
      await this.#blame(message, traces, open, late, share >= CERTAIN_SHARE);
      return;
    }
    await this.#ledger.update(noteClosed(message, open));
    if (isLate) await this.#ledger.update(noteHurried(message, number));
  }

  async #blame(
    message: ChunkMessage,
    traces: Traces,
    open: JournaledItem,
    verdict: Omit<Quarantined, "index" | "attempts">,
    certain = false,
  ): Promise<Traces> {
    const { record } = await this.#ledger.update(blame(message, traces, open, verdict, certain));
    return parseTraces(record);
  }
}

function lateVerdict(ms: number): Omit<Quarantined, "index" | "attempts"> {
  const message = `process did not finish within ${Math.round(ms)} ms, and then the time of the function that ran it was up`;
  return { code: "ITEM_TIMEOUT", error: { name: "FanjoinError", message } };
}
