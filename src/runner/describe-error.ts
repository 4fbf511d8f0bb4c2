/** An error as it is written down. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
}

/** `thrown` as name and message; anything can be thrown, and an error's properties may be anything too. */
export function describeError(thrown: unknown): DescribedError {
  // Whatever is asked of it may throw: a getter, or a trap of a proxy.
  const name = safely(() => nameOf(thrown)) || typeof thrown;
  return {
    name: clip(name, MAX_NAME_CHARS),
    message: clip(
      safely(() => messageOf(thrown)),
      MAX_MESSAGE_CHARS,
    ),
  };
}

/** The class of an error, be it that it says so or that its constructor does. */
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

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Of an error, in `failed.jsonl`. */
const MAX_NAME_CHARS = 200;

const MAX_MESSAGE_CHARS = 8192;

function safely(say: () => string): string {
  try {
    return say();
  } catch {
    return "(cannot be shown)";
  }
}
