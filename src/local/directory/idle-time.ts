/**
 * The clock of a deadline stands still while no process owns the directory. So a batch that was killed and is
 * resumed a day later has as much time left as it had.
 */
import { hasEnded } from "../../core/records/batch/batch.ts";
import { addIdleTime } from "../../core/records/batch/bounds/deadline.ts";
import { allBatches } from "../../batch/list.ts";
import type { Ledger } from "../../ports.ts";

/** The record that says when a process last owned the directory. */
const KEY = "alive";
/** The most time of a killed process that counts as idle. */
const NOTE_EVERY_MS = 5_000;

/** When a process last owned the directory; `null` if no process has said so. */
export async function lastOwned(ledger: Pick<Ledger, "read">): Promise<number | null> {
  const [alive = null] = await ledger.read([KEY]);
  return alive && Number(alive["at"]);
}

/** Moves the deadlines of all open batches by the time since the last owner. */
export async function countIdleTime(ledger: Ledger, now: number): Promise<void> {
  const ownedAt = await lastOwned(ledger);
  const idleMs = ownedAt === null ? 0 : Math.max(0, now - ownedAt);
  if (idleMs > 0) {
    for await (const { batch, fields } of allBatches(ledger, { having: "open" }))
      if (!hasEnded(fields)) await ledger.update(addIdleTime(batch, idleMs));
  }
  await noteAlive(ledger, now);
}

async function noteAlive(ledger: Ledger, at: number): Promise<void> {
  await ledger.update({ key: KEY, when: [], set: { at }, add: {} });
}

export interface AliveNotes {
  /** Notes that the directory is owned, if the last note is some seconds old. */
  soon(now: number): Promise<void>;
  /** Notes it in any case: the owner is about to go. */
  last(now: number): Promise<void>;
}

export function aliveNotes(ledger: Ledger): AliveNotes {
  let notedAt = 0;
  return {
    async soon(now) {
      if (now - notedAt < NOTE_EVERY_MS) return;
      notedAt = now;
      await noteAlive(ledger, now);
    },
    last: (now) => noteAlive(ledger, now),
  };
}
