/** Describes thrown values for `failed.jsonl` and messages. */

/** The class and the message of an error, as they are written down. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
}

/** Never throws. Anything can be thrown, and the properties of an error may be anything too. */
export function describeError(thrown: unknown): DescribedError {
  // Any access may throw: a getter, or a trap of a proxy.
  const name = safely(() => nameOf(thrown)) || typeof thrown;
  return {
    name: clip(name, MAX_NAME_CHARS),
    message: clip(
      safely(() => messageOf(thrown)),
      MAX_MESSAGE_CHARS,
    ),
  };
}

/** The class of an error: its own `name`, or the name of its constructor. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const { name }: { readonly name: unknown } = thrown;
  return name === Error.name ? thrown.constructor.name : String(name);
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    const { message }: { readonly message: unknown } = thrown;
    return String(message);
  }
  const plain =
    typeof thrown === "object" && thrown !== null && thrown.toString === Object.prototype.toString;
  return plain ? JSON.stringify(thrown) : String(thrown);
}

function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}

/** The most characters of an error's class in `failed.jsonl`. */
const MAX_NAME_CHARS = 200;

/** The most characters of an error's message in `failed.jsonl`. */
const MAX_MESSAGE_CHARS = 8192;

function safely(say: () => string): string {
  try {
    return say();
  } catch {
    return "(cannot be shown)";
  }
}
