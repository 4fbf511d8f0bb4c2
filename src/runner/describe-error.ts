/** Describes thrown values for `failed.jsonl` and messages. */
import { MAX_DEPTH } from "../core/errors/described-error.ts";
import type { DescribedError } from "../core/errors/described-error.ts";
import { userFrames } from "./stack-frames.ts";

export type { DescribedError };

/** Never throws. Anything can be thrown, and the properties of an error may be anything too. */
export function describeError(thrown: unknown): DescribedError {
  return described(thrown, { depth: 0, seen: new Set(), left: { errors: MAX_INNER } });
}

/** Where a description has got to. */
interface Descent {
  readonly depth: number;
  /** A chain of causes may be a circle. */
  readonly seen: Set<unknown>;
  /** How many causes and errors may still be described. */
  readonly left: { errors: number };
}

function described(thrown: unknown, descent: Descent): DescribedError {
  descent.seen.add(thrown);
  const outer = descent.depth === 0;
  // Any access may throw: a getter, or a trap of a proxy.
  const name = safely(() => nameOf(thrown), "") || (isError(thrown) ? "Error" : typeof thrown);
  const message = safely(() => messageOf(thrown), unreadable(thrown));
  const error = {
    name: clip(name, MAX_NAME_CHARS),
    message: clip(message, outer ? MAX_MESSAGE_CHARS : MAX_INNER_MESSAGE_CHARS),
  };
  if (!isError(thrown)) return error;
  const code = safely(() => codeOf(thrown), null);
  const stack = safely(() => userFrames(thrown.stack, message), []).slice(
    0,
    outer ? MAX_FRAMES : INNER_FRAMES,
  );
  const cause = inner([safely(() => thrown.cause, undefined)], descent);
  const errors = inner(
    safely(() => errorsIn(thrown), []),
    descent,
  );
  return {
    ...error,
    ...(code === null ? {} : { code: clip(code, MAX_NAME_CHARS) }),
    ...(stack.length === 0 ? {} : { stack }),
    ...(cause[0] ? { cause: cause[0] } : {}),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

function inner(thrown: readonly unknown[], { depth, seen, left }: Descent): DescribedError[] {
  const all: DescribedError[] = [];
  for (const one of thrown) {
    const known = one === undefined || one === null || seen.has(one);
    if (known || depth === MAX_DEPTH || left.errors === 0) continue;
    left.errors--;
    all.push(described(one, { depth: depth + 1, seen, left }));
  }
  return all;
}

/** Errors of other realms are no instances of this one's `Error`, and a proxy of an error is only that. */
function isError(thrown: unknown): thrown is Error {
  return safely(() => thrown instanceof Error || isRealError(thrown), false);
}

/** `Error.isError` is newer than the types of TypeScript. */
const { isError: isRealError = () => false }: { readonly isError?: (value: unknown) => boolean } =
  Error as never;

/** Built-in classes whose name a subclass inherits. */
const BUILT_IN = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "AggregateError",
  "SuppressedError",
]);

/** The class of an error: its own `name`, or the name of its constructor. */
function nameOf(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown;
  const { name }: { readonly name: unknown } = thrown;
  return typeof name === "string" && BUILT_IN.has(name) ? thrown.constructor.name || name : String(name);
}

function messageOf(thrown: unknown): string {
  if (isError(thrown)) {
    const { message }: { readonly message: unknown } = thrown;
    return String(message);
  }
  if (typeof thrown === "string") return thrown === "" ? "an empty text was thrown" : thrown;
  if (typeof thrown !== "object" || thrown === null) return `${String(thrown)} was thrown, which is no error`;
  const plain = thrown.toString === Object.prototype.toString;
  // oxlint-disable-next-line no-base-to-string -- it has a `toString` of its own
  return plain ? JSON.stringify(thrown) : String(thrown);
}

/** The message for a value whose properties cannot be read, or that is circular. */
function unreadable(thrown: unknown): string {
  return isError(thrown) ? "the message of this error cannot be read" : "the thrown value cannot be shown";
}

/** A property that some errors have. */
function read(thrown: Error, property: string): unknown {
  return (thrown as Error & { readonly [name: string]: unknown })[property];
}

function codeOf(thrown: Error): string | null {
  const code = read(thrown, "code");
  return typeof code === "string" && code !== "" ? code : null;
}

/** The errors of an `AggregateError`, or the two of a `SuppressedError`. */
function errorsIn(thrown: Error): unknown[] {
  const errors = read(thrown, "errors");
  if (Array.isArray(errors)) return errors.slice(0, MAX_INNER);
  return "suppressed" in thrown ? [read(thrown, "error"), read(thrown, "suppressed")] : [];
}

function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}

/** The most characters of an error's class, or of its code, in `failed.jsonl`. */
const MAX_NAME_CHARS = 200;

/** The most characters of an error's message in `failed.jsonl`. */
const MAX_MESSAGE_CHARS = 8192;

/** The same for a cause, and for one of several errors. */
const MAX_INNER_MESSAGE_CHARS = 1024;

/** The most causes and errors of one error in `failed.jsonl`. */
const MAX_INNER = 10;

/** The most frames of an error's stack in `failed.jsonl`, and of those inside it. */
const MAX_FRAMES = 5;
const INNER_FRAMES = 3;

function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
