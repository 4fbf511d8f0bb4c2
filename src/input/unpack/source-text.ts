/** The text of a source that cannot be read directly: unpacked, decoded, taken apart. */
import type { Spool } from "../../core/records/message.ts";
import type { Json } from "../../core/json/json.ts";
import type { ObjectStore } from "../../ports.ts";
import { derivedStore } from "../reads/derived-store.ts";
import { decoded, encodingOf } from "./decode.ts";
import { HEAD_BYTES, refuseOtherFormats } from "./other-formats.ts";
import { packingOf, promisedPacking, refuseBrokenPromise } from "./packing.ts";
import type { ReaderKind, Source, TextKind } from "../reader.ts";
import { asBuffer } from "../text/as-buffer.ts";
import { encodingIn, unpackedLimit, windowLimit } from "../text/text-options.ts";
import { HELD_BYTES, unpacked } from "./unpack.ts";

/** A source, and the options of its reader. */
export interface TextRequest {
  readonly source: Source;
  readonly options: { readonly [name: string]: Json };
  readonly store: ObjectStore;
  readonly text: TextKind;
}

/** The text of a source, opened from its beginning. */
export interface OpenText {
  /** For items: what is packed is held until its checksum is known to be right. Throws `Damage`. */
  verified(): AsyncIterable<Buffer>;
  /** For a look at the beginning of a source whose items come from `verified`. Throws `Damage`. */
  unverified(): AsyncIterable<Buffer>;
}

/**
 * How to open the text of a source; `null` if the source is plain text that can be read from any offset.
 * Throws `INPUT_INVALID`.
 */
export async function textOf(request: TextRequest): Promise<OpenText | null> {
  const { source, options, text } = request;
  const { label, size } = source;
  const head = await headOf(request);
  const packing = packingOf(head);
  const encoding = encodingIn(options);
  const look = (found: Buffer): void => refuseOtherFormats(found, { label, packing, encoding });
  if (packing === null) {
    look(head);
    refuseBrokenPromise(source, head);
    if (text.convert === undefined && encodingOf(head, encoding) === null) return null;
  }
  const bytes = packedBytes(request);
  const limits = { limit: unpackedLimit(options, size), maxWindow: windowLimit(options) };
  const open = (hold: number): AsyncIterable<Buffer> => {
    const blocks = packing === null ? bytes() : unpacked(bytes, { packing, hold, ...limits });
    const plain = decoded(blocks, encoding, look);
    return text.convert ? buffers(text.convert(plain, options)) : plain;
  };
  return { verified: () => open(HELD_BYTES), unverified: () => open(0) };
}

/** Whether the size of a source is the size of its text, judged by name and options alone. */
export function isMeasured(
  { text, unit, measured }: ReaderKind,
  source: Source,
  options: { readonly [name: string]: Json },
): boolean {
  if (text === undefined) return measured !== false;
  const made = text.convert !== undefined || unit === "items";
  return !made && promisedPacking(source) === null && (encodingIn(options) ?? "utf-8") === "utf-8";
}

async function* buffers(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const block of blocks) yield asBuffer(block);
}

async function headOf({ source, store }: TextRequest): Promise<Buffer> {
  const end = Math.min(HEAD_BYTES, source.size);
  const parts: Uint8Array[] = [];
  for await (const block of store.read(source.name, 0, end, source.version)) parts.push(block);
  return Buffer.concat(parts);
}

function packedBytes({ source, store }: TextRequest): () => AsyncIterable<Uint8Array> {
  return () => store.read(source.name, 0, source.size, source.version);
}

/** The end of a text is unknown until it has been read. */
export function asText(source: Source): Source {
  return { ...source, size: Number.MAX_SAFE_INTEGER };
}

/**
 * A store in which the source *is* its text. Spooled parts are read from the spool, other parts (a header)
 * from the beginning of the source.
 */
export function textStore(
  { source, store }: TextRequest,
  open: () => Promise<OpenText | null>,
  spool: Spool | null,
): ObjectStore {
  return derivedStore(store, (name, start, end, version) => {
    if (name !== source.name) return store.read(name, start, end, version);
    if (spool === null || start < spool.base) return partOf(open, start, end);
    const from = spool.offset - spool.base;
    return store.read(spool.name, from + start, from + Math.min(end, spool.base + spool.length));
  });
}

async function* partOf(
  open: () => Promise<OpenText | null>,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  const text = await open();
  if (text === null || end <= start) return;
  let at = 0;
  for await (const block of text.unverified()) {
    const part = block.subarray(Math.max(0, start - at), Math.max(0, end - at));
    if (part.length > 0) yield part;
    at += block.length;
    if (at >= end) return;
  }
}
