/**
 * A message in memory, and the lists that it moves between: linked through the entries, so that taking one
 * out costs nothing.
 */
import type { Message, QueueName } from "../../core/records/message.ts";

export class Entry {
  readonly id: number;
  readonly message: Message;
  queue: QueueName;
  receives: number;
  /**
   * The receives among these that are no evidence against the message: made by a process that died, after
   * which it may be done with, or ended by something else than its chunk.
   */
  carried: number;
  /** When it is to become visible, in a list that is ordered by that. */
  visibleAt = 0;
  /** Whether a commit, done or under way, has a row for it. */
  stored: boolean;
  /** Whether its row is out of date. */
  touched = false;
  /** Its place among those that became available, where that is counted. */
  arrival = 0;
  /** Where it is; `null` once it is gone. */
  list: EntryList | null = null;
  previous: Entry | null = null;
  next: Entry | null = null;

  /** `carried` of a message that is stored already; `null` for a new one. */
  constructor(id: number, queue: QueueName, message: Message, carried: number | null) {
    this.id = id;
    this.queue = queue;
    this.message = message;
    this.receives = this.carried = carried ?? 0;
    this.stored = carried !== null;
  }
}

export class EntryList {
  first: Entry | null = null;
  size = 0;
  #last: Entry | null = null;

  append(entry: Entry): void {
    this.#insertAfter(this.#last, entry);
  }

  /**
   * Keeps the list ordered by `visibleAt`. Nearly every entry belongs at the end, so it is looked for from
   * there.
   */
  insertByTime(entry: Entry): void {
    let place = this.#last;
    while (place !== null && place.visibleAt > entry.visibleAt) place = place.previous;
    this.#insertAfter(place, entry);
  }

  remove(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next;
    else this.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else this.#last = entry.previous;
    entry.list = entry.previous = entry.next = null;
    this.size--;
  }

  #insertAfter(place: Entry | null, entry: Entry): void {
    entry.list = this;
    entry.previous = place;
    entry.next = place === null ? this.first : place.next;
    if (entry.previous) entry.previous.next = entry;
    else this.first = entry;
    if (entry.next) entry.next.previous = entry;
    else this.#last = entry;
    this.size++;
  }
}
