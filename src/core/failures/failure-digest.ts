/**
 * The failed items of some chunks, counted by kind where they ran: it travels to where the groups of the
 * whole batch are kept, while the batch runs.
 */
import { messageText } from "../errors/described-error.ts";
import type { DescribedError } from "../errors/described-error.ts";
import type { FailedLine } from "./failed-line.ts";
import { MAX_ITEMS, MAX_PLACES } from "./failure-group.ts";
import { classOf, comparedText, shapeOf } from "./message-shape.ts";

/** Items of one code, class and shape of message. */
export interface DigestEntry {
  /** Of the first of them, as it is compared. */
  readonly message: string;
  /** All messages are equal. */
  readonly same: boolean;
  readonly count: number;
  readonly toEnd: boolean;
  readonly lines: number;
  readonly retried: boolean;
  /** The first ones. Only a few of them with their text and stack, which are cut. */
  readonly first: readonly FailedLine[];
}

export interface Digest {
  readonly entries: readonly DigestEntry[];
  /** Items of further kinds. */
  readonly others: number;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type GrowingEntry = Mutable<Omit<DigestEntry, "first">> & { readonly first: FailedLine[] };

/** Kinds of failures in one digest. */
const MAX_KINDS = 200;
const MAX_ITEM_CHARS = 400;
const MAX_STACK_FRAMES = 10;
const MAX_TEXT_CHARS = 1000;

export class FailureDigest {
  readonly #kinds = new Map<string, GrowingEntry>();
  #others = 0;
  /** Many items have one message, and its shape costs more than all the rest. */
  #last: { readonly message: string; readonly shape: string } | null = null;

  /** Chunks, and the items of each, come in input order. */
  add(line: FailedLine): void {
    const message = comparedText(messageText(line.error));
    const kind = `${line.code}\n${classOf(line.error)}\n${this.#shapeOf(message)}`;
    const known = this.#kinds.get(kind);
    if (known) grow(known, line, message);
    else if (this.#kinds.size >= MAX_KINDS) this.#others++;
    else this.#kinds.set(kind, begun(line, message));
  }

  #shapeOf(message: string): string {
    if (this.#last?.message !== message) this.#last = { message, shape: shapeOf(message) };
    return this.#last.shape;
  }

  /** What was added since the last call; `null`: nothing. */
  take(): Digest | null {
    if (this.#kinds.size === 0) return null;
    const digest = { entries: [...this.#kinds.values()], others: this.#others };
    this.#kinds.clear();
    this.#others = 0;
    return digest;
  }
}

function begun(line: FailedLine, message: string): GrowingEntry {
  return {
    message,
    same: true,
    count: 1,
    toEnd: line.toEnd === true,
    lines: line.lines ?? 1,
    retried: isRetried(line),
    first: [shortened(line)],
  };
}

function grow(entry: GrowingEntry, line: FailedLine, message: string): void {
  entry.count++;
  entry.same &&= entry.message === message;
  entry.toEnd ||= line.toEnd === true;
  entry.lines = Math.max(entry.lines, line.lines ?? 1);
  entry.retried ||= isRetried(line);
  if (entry.first.length < MAX_ITEMS) entry.first.push(shortened(line));
  else if (entry.first.length < MAX_PLACES) entry.first.push({ ...line, error: NO_TEXT, item: null });
}

const NO_TEXT = { name: "", message: "" };

function isRetried({ attempts, noRetry }: FailedLine): boolean {
  return attempts > 1 && noRetry !== true;
}

function shortened(line: FailedLine): FailedLine {
  const { item, error } = line;
  return { ...line, error: shortError(error), item: item === null ? null : cut(item, MAX_ITEM_CHARS) };
}

/** What it stands for besides its first cause is in the list of failed items. */
function shortError({ name, message, code, stack, cause }: DescribedError): DescribedError {
  const inner = cause && { name: cause.name, message: cut(cause.message, MAX_TEXT_CHARS) };
  return {
    name,
    message: cut(message, MAX_TEXT_CHARS),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack: stack.slice(0, MAX_STACK_FRAMES) }),
    ...(inner === undefined ? {} : { cause: inner }),
  };
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars).toWellFormed()}…` : text;
}
