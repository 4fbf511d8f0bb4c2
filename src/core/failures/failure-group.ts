/** One group of failed items, while items are added to it. Their order makes no difference. */
import { placeText } from "../errors/described-error.ts";
import type { DescribedError } from "../errors/described-error.ts";
import type { FailedLine } from "./failed-line.ts";
import { adviceFor } from "./advice.ts";
import type { FailureGroup, FailurePlace } from "./failure-summary.ts";

/** First places that a group keeps. */
const MAX_PLACES = 20;

/** A place, and where it stands in input order: chunks are numbered in it, and so are items in a chunk. */
interface OrderedPlace {
  readonly chunk: number;
  readonly within: number;
  readonly place: FailurePlace;
}

/** What the items of a group have in common. */
export interface GroupName {
  /** Of their messages; `null` where there are many. */
  readonly shape: string | null;
  /** Their errors are of one class. */
  readonly hasClass: boolean;
}

/** A name of a class, or a place in the job's code, is cut at this length. */
const MAX_NAME_CHARS = 200;

/** The class of an error, as it is compared. */
export function classOf({ name }: DescribedError): string {
  return name.slice(0, MAX_NAME_CHARS);
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
  readonly #first: OrderedPlace[] = [];

  /** `message`: the text of the line's error, as it is compared. */
  add(line: FailedLine, message: string): void {
    this.count++;
    this.toEnd ||= line.toEnd === true;
    this.#retried ||= line.attempts > 1 && line.noRetry !== true;
    this.#lines = Math.max(this.#lines, line.lines ?? 1);
    this.#same &&= this.#spokesman === null || this.#spokesman.message === message;
    const at = orderedPlace(line);
    if (this.#isFirst(at)) this.#spokesman = spokesmanOf(line, message);
    this.#keep(at);
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

  finish({ shape, hasClass }: GroupName): FailureGroup {
    if (!this.#spokesman) throw new Error("a group is never empty");
    const { code, class: name, message, at } = this.#spokesman;
    const { toEnd } = this;
    return {
      code,
      class: hasClass ? name : null,
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

function spokesmanOf({ code, error }: FailedLine, message: string): Spokesman {
  return { code, class: classOf(error), message, at: placeText(error).slice(0, MAX_NAME_CHARS) };
}

function isBefore(a: OrderedPlace, b: OrderedPlace): boolean {
  return a.chunk === b.chunk ? a.within < b.within : a.chunk < b.chunk;
}

/** A place names no chunk: where the input is cut makes no difference to the groups. */
function orderedPlace(line: FailedLine): OrderedPlace {
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
  return { chunk, within: index ?? offset ?? 0, place };
}
