/** Manifests: an object that lists the input objects, as one JSON array or as JSON lines. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { isObjectUrl } from "../../core/object-url.ts";
import { elementLines } from "../../input/json/json-array.ts";
import type { Source } from "../../input/reader.ts";
import { isUnreadable } from "../../input/unpack/damage.ts";
import type { ObjectStore } from "../../ports.ts";

/** An S3 key has at most 1,024 bytes, each of which JSON may write in six characters. */
const MAX_ENTRY_CHARACTERS = 16_384;
const SHOWN_CHARACTERS = 200;
const OPEN_ARRAY = 0x5b;
/** White space of JSON, and the bytes of a byte order mark. */
const BEFORE_ARRAY = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * The URLs of the objects, in the order of the manifest, without the first `passed`. Nothing but an entry is
 * held. Throws `INPUT_INVALID`, and what the store throws.
 */
export async function* urlsInManifest(
  store: Pick<ObjectStore, "read">,
  manifest: Source,
  passed: number,
): AsyncGenerator<string> {
  const { name, label, size, version } = manifest;
  const blocks = await withStart(store.read(name, 0, size, version));
  const lines = linesOf(blocks.isArray ? elementLines(copies(blocks.all), []) : blocks.all, label);
  let place = 0;
  try {
    for await (const line of lines) {
      if (line.trim() === "" && !blocks.isArray) continue;
      if (place >= passed) yield urlOf(label, line, place);
      place++;
    }
  } catch (thrown) {
    throw blocks.isArray && isUnreadable(thrown) && !(thrown instanceof ManifestError)
      ? notJson(label, thrown)
      : thrown;
  }
  if (place === 0) throw new ManifestError(label, "lists no objects");
}

/** Looks whether the text begins with an array. */
async function withStart(
  blocks: AsyncIterable<Uint8Array>,
): Promise<{ readonly isArray: boolean; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = blocks[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let first: number | undefined;
  while (first === undefined) {
    const next = await iterator.next();
    if (next.done === true) break;
    begun.push(next.value);
    first = next.value.find((byte) => !BEFORE_ARRAY.has(byte));
  }
  return { isArray: first === OPEN_ARRAY, all: rest() };

  async function* rest(): AsyncGenerator<Uint8Array> {
    yield* begun;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
}

/** Elements are put on lines in place, and the store's own bytes stay as they are. */
async function* copies(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) yield Uint8Array.from(block);
}

async function* linesOf(blocks: AsyncIterable<Uint8Array>, label: string): AsyncGenerator<string> {
  // A byte that is not UTF-8 is refused: it would name another object.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (block?: Uint8Array): string => {
    try {
      return decoder.decode(block, { stream: block !== undefined });
    } catch {
      throw new ManifestError(label, "is not UTF-8");
    }
  };
  let held = "";
  for await (const block of blocks) {
    const lines = (held + decode(block)).split("\n");
    held = lines.pop() ?? "";
    yield* lines;
    if (held.length > MAX_ENTRY_CHARACTERS) throw notJson(label);
  }
  held += decode();
  if (held !== "") yield held;
}

/** An entry is an `s3:` URL, or `{"object": "s3://…"}` as in `input`. */
function urlOf(label: string, line: string, place: number): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch (cause) {
    throw notJson(label, cause);
  }
  const url = typeof entry === "object" && entry !== null && "object" in entry ? entry.object : entry;
  if (typeof url === "string" && isObjectUrl(url, "object")) return url;
  const shown = line.trim().slice(0, SHOWN_CHARACTERS);
  throw new ManifestError(
    label,
    `has the entry ${shown} (number ${place}), which is not the s3:// URL of an object`,
  );
}

function notJson(label: string, cause?: unknown): ManifestError {
  return new ManifestError(label, "is neither a JSON array nor JSON lines", cause);
}

class ManifestError extends FanjoinError {
  constructor(label: string, why: string, cause?: unknown) {
    super("INPUT_INVALID", `the manifest ${label} ${why}`, { cause });
  }
}
