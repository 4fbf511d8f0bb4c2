/** One group of failed items, while items are added to it. Their order makes no difference. */
import { placeText } from "../errors/described-error.ts";
import type { FailedLine } from "./failed-line.ts";
import { adviceFor } from "./advice.ts";
import type { DigestEntry } from "./failure-digest.ts";
import type { FailureGroup, FailurePlace, LiveGroup } from "./failure-summary.ts";
import { groupId } from "./group-id.ts";
import type { GroupLevel } from "./group-id.ts";
import { MAX_NAME_CHARS, classOf } from "./message-shape.ts";

/** First places that a group keeps. */
export const MAX_PLACES = 20;
/** First items that are shown with their text while a batch runs. */
export const MAX_ITEMS = 3;

/** A place, and where it stands in input order: chunks are numbered in it, and so are items in a chunk. */
interface OrderedPlace {
  readonly chunk: number;
  readonly within: number;
  readonly place: FailurePlace;
  /** The item itself, where it is kept. */
  readonly item: FailedLine | null;
}

/** What the items of a group have in common. */
export interface GroupName {
  /** Of their messages; `null` where there are many. */
  readonly shape: string | null;
  /** What they have in common. With `code` their errors are of several classes. */
  readonly level: GroupLevel;
}

/** The first item in input order, which speaks for the others. */
interface Spokesman {
  readonly code: FailedLine["code"];
  readonly class: string;
  readonly message: string;
  readonly at: string;
}

export class GrowingGroup {
  count = 0;
  toEnd = false;
  #lines = 1;
  #retried = false;
  /** All messages are equal, not only of one shape. */
  #same = true;
  #spokesman: Spokesman | null = null;
  /** When the newest of them failed, in milliseconds since the epoch; 0: not known. */
  #latestAt = 0;
  readonly #first: OrderedPlace[] = [];

  /** `message`: the text of the line's error, as it is compared. `kept`: the item itself is kept, too. */
  add(line: FailedLine, message: string, kept = false): void {
    this.count++;
    this.toEnd ||= line.toEnd === true;
    this.#retried ||= line.attempts > 1 && line.noRetry !== true;
    this.#lines = Math.max(this.#lines, line.lines ?? 1);
    this.#same &&= this.#spokesman === null || this.#spokesman.message === message;
    const at = orderedPlace(line, kept);
    if (this.#isFirst(at)) this.#spokesman = spokesmanOf(line, message);
    this.#keep(at);
  }

  /** Adds items that were counted elsewhere. `at`: when the newest of them failed. */
  addCounted({ first, message, same, count, toEnd, lines, retried }: DigestEntry, at: number): void {
    const [begin] = first;
    if (!begin) return;
    const isSame = same && (this.#spokesman === null || this.#spokesman.message === message);
    for (const line of first) this.add(line, message, hasText(line));
    this.count += count - first.length;
    this.toEnd ||= toEnd;
    this.#lines = Math.max(this.#lines, lines);
    this.#retried ||= retried;
    this.#same &&= isSame;
    this.#latestAt = Math.max(this.#latestAt, at);
  }

  /** Takes in all items of another group. */
  absorb(other: GrowingGroup): void {
    const mine = this.#spokesman;
    const theirs = other.#spokesman;
    this.count += other.count;
    this.toEnd ||= other.toEnd;
    this.#retried ||= other.#retried;
    this.#lines = Math.max(this.#lines, other.#lines);
    this.#same &&= other.#same && (mine === null || mine.message === theirs?.message);
    this.#latestAt = Math.max(this.#latestAt, other.#latestAt);
    if (other.#first[0] && this.#isFirst(other.#first[0])) this.#spokesman = theirs;
    for (const at of other.#first) this.#keep(at);
  }

  #isFirst(at: OrderedPlace): boolean {
    return this.#first[0] === undefined || isBefore(at, this.#first[0]);
  }

  #keep(at: OrderedPlace): void {
    const last = this.#first.at(-1);
    const next = last && isBefore(at, last) ? this.#first.findIndex((one) => isBefore(at, one)) : -1;
    if (next >= 0) this.#first.splice(next, 0, at);
    else if (this.#first.length < MAX_PLACES) this.#first.push(at);
    if (this.#first.length > MAX_PLACES) this.#first.pop();
  }

  /** The group with its first items. */
  finishLive(name: GroupName): LiveGroup {
    const items = this.#first.flatMap(({ item }) => (item === null ? [] : [item])).slice(0, MAX_ITEMS);
    const latest = this.#latestAt === 0 ? {} : { latestAt: new Date(this.#latestAt).toISOString() };
    return { ...this.finish(name), ...latest, items };
  }

  finish({ shape, level }: GroupName): FailureGroup {
    if (!this.#spokesman) throw new Error("a group is never empty");
    const { code, class: name, message, at } = this.#spokesman;
    const { toEnd } = this;
    return {
      id: groupId(level, { code, class: name, shape: shape ?? "" }),
      code,
      class: level === "code" ? null : name,
      message: this.#same ? message : shape,
      count: this.count,
      advice: adviceFor({ code, toEnd, retried: this.#retried }),
      ...(this.#lines > 1 ? { lines: this.#lines } : {}),
      ...(toEnd ? { toEnd } : {}),
      ...(at === "" ? {} : { at }),
      first: this.#first.map(({ place }) => place),
    };
  }

  /** Whether its first item comes before that of another group. */
  beginsBefore(other: GrowingGroup): boolean {
    const [mine] = this.#first;
    return mine !== undefined && other.#isFirst(mine);
  }
}

/** Further places come without the item itself. */
function hasText({ error }: FailedLine): boolean {
  return error.name !== "" || error.message !== "";
}

function spokesmanOf({ code, error }: FailedLine, message: string): Spokesman {
  return { code, class: classOf(error), message, at: placeText(error).slice(0, MAX_NAME_CHARS) };
}

function isBefore(a: OrderedPlace, b: OrderedPlace): boolean {
  return a.chunk === b.chunk ? a.within < b.within : a.chunk < b.chunk;
}

/** A place names no chunk: where the input is cut makes no difference to the groups. */
function orderedPlace(line: FailedLine, kept: boolean): OrderedPlace {
  const { source, index, line: at, lines, offset, attempts, range, chunk } = line;
  const place: FailurePlace = {
    source,
    index,
    line: at,
    ...(lines === undefined ? {} : { lines }),
    offset,
    attempts,
    ...(range === undefined ? {} : { range }),
  };
  return { chunk, within: index ?? offset ?? 0, place, item: kept ? line : null };
}
