/**
 * The embedded queue: at-least-once delivery with visibility timeouts, receive counts and dead letters.
 *
 * Messages live in memory; the database writes what became of them since its last commit, so a message that
 * comes and goes between two commits never touches the disk. When the process dies, every receiver dies with
 * it. So nothing is in flight when the queue is opened; it only knows whether a message was received before.
 * The messages of a batch wait until the batch is activated.
 */
import { MAX_RECEIVES, batchOf } from "../../core/records/message.ts";
import type { QueueName } from "../../core/records/message.ts";
import type { Clock } from "../../ports.ts";
import { BatchLists } from "./batch-lists.ts";
import { Entry, EntryList } from "./queue-entry.ts";
import type { MessageGroup, StoredMessage } from "./queue-table.ts";
import type { LocalQueue, QueueDelivery, QueueOptions } from "./local-queue.ts";

const VISIBILITY_MS = 15 * 60_000;
/** A dead letter that was received so often is left alone until the directory is opened again. */
const MAX_DEAD_LETTER_RECEIVES = 10;
const QUEUES = ["coordinator", "worker", "join", "dead-letter"] as const satisfies readonly QueueName[];

interface Lists {
  readonly ready: EntryList | BatchLists;
  /** Ordered by when they become visible, as is `flying`. */
  readonly delayed: EntryList;
  readonly flying: EntryList;
}

/** The changes since the last group was taken. */
interface Changes {
  readonly sent: Entry[];
  readonly touched: Entry[];
  readonly gone: number[];
}

const noChanges = (): Changes => ({ sent: [], touched: [], gone: [] });

export interface WriteBehindQueue {
  readonly queue: LocalQueue;
  /** The changes since the last call, in their present state; `null` if there are none. */
  takeGroup(): MessageGroup | null;
}

export interface QueueContext {
  readonly clock: Clock;
  /** Throws if the database is unusable. */
  readonly check: () => void;
  /** Called when there is something to write. */
  readonly changed: () => void;
}

export function createQueue(
  stored: readonly StoredMessage[],
  { clock, check, changed }: QueueContext,
  { visibilityMs = {}, maxReceives = MAX_RECEIVES }: QueueOptions = {},
): WriteBehindQueue {
  const chunks = new BatchLists();
  const lists: Record<QueueName, Lists> = {
    coordinator: newLists(new EntryList()),
    worker: newLists(chunks),
    join: newLists(new EntryList()),
    "dead-letter": newLists(new EntryList()),
  };
  /** Messages of an earlier start, by batch. */
  const dormant = new Map<string, Entry[]>();
  /** Dead letters that were received too often. */
  const parked = new EntryList();
  const live = new Map<number, Entry>();
  const listeners: (() => void)[] = [];
  let lastId = 0;
  let changes = noChanges();

  function arrived(): void {
    for (const listener of listeners) listener();
  }

  function touch(entry: Entry): void {
    if (!entry.stored || entry.touched) return;
    entry.touched = true;
    changes.touched.push(entry);
  }

  function drop(entry: Entry): void {
    live.delete(entry.id);
    entry.list?.remove(entry);
    if (entry.stored) changes.gone.push(entry.id);
  }

  /** Puts an entry that is not held into its list. */
  function place(entry: Entry, delayMs: number): void {
    if (entry.queue === "dead-letter") {
      if (entry.receives >= MAX_DEAD_LETTER_RECEIVES) return parked.append(entry);
    } else if (entry.receives >= maxReceives) {
      entry.queue = "dead-letter";
      entry.receives = 0;
      touch(entry);
      return lists["dead-letter"].ready.append(entry);
    }
    if (delayMs <= 0) return lists[entry.queue].ready.append(entry);
    entry.visibleAt = clock.now() + delayMs;
    lists[entry.queue].delayed.insertByTime(entry);
  }

  /** Makes messages visible whose time has come. */
  function wake(now: number): boolean {
    let woken = false;
    for (const name of QUEUES) {
      for (const list of [lists[name].delayed, lists[name].flying]) {
        for (let entry = list.first; entry !== null && entry.visibleAt <= now; entry = list.first) {
          list.remove(entry);
          place(entry, 0);
          woken = true;
        }
      }
    }
    return woken;
  }

  function take(entry: Entry, from: Pick<EntryList, "remove">, visibleAt: number): QueueDelivery {
    from.remove(entry);
    entry.receives++;
    entry.visibleAt = visibleAt;
    lists[entry.queue].flying.insertByTime(entry);
    touch(entry);
    const { id, queue: name, message, receives, carried } = entry;
    return { id, queue: name, message, receives, carried };
  }

  /** The entry of a delivery that is still the latest one of its message. */
  function held({ id, receives, queue }: QueueDelivery): Entry | null {
    const entry = live.get(id);
    if (entry === undefined || entry.receives !== receives || entry.queue !== queue) return null;
    return entry.list === lists[queue].flying ? entry : null;
  }

  const queue: LocalQueue = {
    async send(name, messages, { delayMs = 0 } = {}) {
      check();
      for (const message of messages) {
        const entry = new Entry(++lastId, name, message, null);
        live.set(entry.id, entry);
        place(entry, delayMs);
        changes.sent.push(entry);
      }
      changed();
      arrived();
    },
    receive(name, max, batch) {
      check();
      const now = clock.now();
      const woken = wake(now);
      const visibleAt = now + (visibilityMs[name] ?? VISIBILITY_MS);
      const ready = batch === undefined ? lists[name].ready : chunks.of(batch);
      const deliveries: QueueDelivery[] = [];
      for (let next = ready.first; deliveries.length < max && next !== null; next = ready.first) {
        deliveries.push(take(next, ready, visibleAt));
      }
      if (woken || deliveries.length > 0) changed();
      if (woken) arrived();
      return deliveries;
    },
    acknowledge(deliveries) {
      for (const { id } of deliveries) {
        const entry = live.get(id);
        if (entry !== undefined) drop(entry);
      }
      changed();
    },
    release(deliveries, { delayMs = 0, counted = true, blameless = false } = {}) {
      for (const delivery of deliveries) {
        const entry = held(delivery);
        if (entry === null) continue;
        entry.list?.remove(entry);
        if (!counted) {
          entry.receives--;
          touch(entry);
        }
        if (blameless) entry.carried++;
        place(entry, delayMs);
      }
      changed();
      arrived();
    },
    batchesWithChunks: () => chunks.batches(),
    waitingOf: (batch) => chunks.of(batch).size,
    waiting: (name) => lists[name].ready.size + lists[name].delayed.size,
    inFlight: (name) => lists[name].flying.size,
    nextWakeAt() {
      let next: number | null = null;
      for (const name of QUEUES) {
        for (const { first } of [lists[name].delayed, lists[name].flying]) {
          if (first !== null && (next === null || first.visibleAt < next)) next = first.visibleAt;
        }
      }
      return next;
    },
    onArrival(listener) {
      listeners.push(listener);
    },
    isEmpty: () => live.size === 0,
    dormant: (batch) => (dormant.get(batch) ?? []).map(({ message }) => message),
    activate(batch) {
      for (const entry of dormant.get(batch) ?? []) {
        live.set(entry.id, entry);
        place(entry, 0);
      }
      if (dormant.delete(batch)) arrived();
      changed();
    },
    remove(batch) {
      for (const entry of live.values()) {
        if (batchOf(entry.message) === batch) drop(entry);
      }
      for (const entry of dormant.get(batch) ?? []) drop(entry);
      dormant.delete(batch);
      changed();
    },
  };

  for (const { id, queue: name, message, receives } of stored) {
    // Its receiver died with the process. That is not evidence against the message: people kill processes.
    const entry = new Entry(id, name, message, Math.min(receives, 1));
    const batch = batchOf(message);
    const entries = dormant.get(batch) ?? [];
    entries.push(entry);
    dormant.set(batch, entries);
    lastId = id;
  }

  return {
    queue,
    takeGroup() {
      const sent = rowsOf(changes.sent);
      const moved = rowsOf(changes.touched);
      const gone = Float64Array.from(changes.gone).toSorted();
      changes = noChanges();
      return sent.length + moved.length + gone.length === 0 ? null : { sent, changed: moved, gone };
    },
  };
}

function newLists(ready: Lists["ready"]): Lists {
  return { ready, delayed: new EntryList(), flying: new EntryList() };
}

/** The rows of those entries that are still there. Entries go on changing, rows do not. */
function rowsOf(entries: readonly Entry[]): StoredMessage[] {
  const rows: StoredMessage[] = [];
  for (const entry of entries) {
    if (entry.list === null) continue;
    entry.stored = true;
    entry.touched = false;
    rows.push({ id: entry.id, queue: entry.queue, message: entry.message, receives: entry.receives });
  }
  return rows;
}
