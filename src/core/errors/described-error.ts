/** An error as it is written down: in `failed.jsonl`, and in messages. */
import { list, maybe, object, text } from "../json/shape.ts";
import type { Check } from "../json/shape.ts";

export interface DescribedError {
  /** The class of the error, or the type of a thrown value that is no error. */
  readonly name: string;
  readonly message: string;
  /** The code of a system error or a library, such as `ECONNREFUSED`. */
  readonly code?: string;
  /** The first frames of its stack in the job's own files: `priceOf (sales.ts:12:5)`. */
  readonly stack?: readonly string[];
  readonly cause?: DescribedError;
  /** The errors that it stands for: those of an `AggregateError`. */
  readonly errors?: readonly DescribedError[];
}

/** An error that `describeError` wrote is never deeper. */
export const MAX_DEPTH = 5;

/** Checks a stored error. Older ones have a name and a message only. */
export const describedError: Check = upTo(MAX_DEPTH);

function upTo(depth: number): Check {
  const inner: Check = depth === 0 ? () => "" : (value) => upTo(depth - 1)(value);
  return object({
    name: text,
    message: text,
    code: maybe(text),
    stack: maybe(list(text)),
    cause: maybe(inner),
    errors: maybe(list(inner)),
  });
}

/** The error with everything that it stands for and was caused by, without stacks. */
export function errorText(error: DescribedError): string {
  return headOf(error) + reasonsOf(error);
}

/** The same without the error's own class. */
export function messageText(error: DescribedError): string {
  return (error.message + codeOf(error) + reasonsOf(error)).trimStart();
}

function reasonsOf({ errors = [], cause }: DescribedError): string {
  const inner = errors.length === 0 ? "" : ` (${errors.map(errorText).join("; ")})`;
  return `${inner}${cause ? `, cause: ${errorText(cause)}` : ""}`;
}

/** The first frame of the error's stack, or of what caused it; '' if none is known. */
export function placeText({ stack = [], cause, errors = [] }: DescribedError): string {
  if (stack[0] !== undefined) return stack[0];
  for (const inner of [...(cause ? [cause] : []), ...errors]) {
    const place = placeText(inner);
    if (place !== "") return place;
  }
  return "";
}

/** The error in one text, with its place in the job's code: for a message that has no room for a list. */
export function fullText(error: DescribedError): string {
  const place = placeText(error);
  const text = `${errorText(error)}${place === "" ? "" : `, at ${place}`}`;
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}

/** A batch's record holds such a text. */
const MAX_TEXT_CHARS = 8192;

function headOf(error: DescribedError): string {
  const { name, message } = error;
  if (message === "") return `${name}${codeOf(error)}`;
  return `${saysLittle(name) ? "" : `${name}: `}${message}${codeOf(error)}`;
}

/** The error's own code, unless its message has it. */
function codeOf({ message, code = "" }: DescribedError): string {
  return code === "" || message.includes(code) ? "" : ` [${code}]`;
}

/** Names that the code of a failed item, or its message, makes superfluous; and the types of other values. */
export function saysLittle(name: string): boolean {
  return PLAIN.has(name) || /^[a-z]/.test(name);
}

const PLAIN = new Set(["Error", "ValidationError", "UnreadableError", "FanjoinError", "CrashError"]);
