/** Converts text in other encodings to UTF-8, block by block. */
import { asBuffer } from "../text/as-buffer.ts";
import type { Encoding } from "../text/text-options.ts";
import { HEAD_BYTES } from "./other-formats.ts";

const LOW_MARK = Buffer.from([0xff, 0xfe]);
const HIGH_MARK = Buffer.from([0xfe, 0xff]);
const MARK_BYTES = 2;
/** A lone surrogate: valid text has none. */
const LONE = /\p{Surrogate}/u;
/**
 * Bytes that are never valid UTF-8: they make their record unreadable, and only that record.
 */
const HALF_CHARACTER = Buffer.from([0xed, 0xa0, 0x80]);

/**
 * The encoding of text that begins with `head`; `null` for UTF-8, which is not converted. A byte order mark
 * decides, unless the configured encoding has none.
 */
export function encodingOf(head: Buffer, encoding: Encoding | null): Exclude<Encoding, "utf-8"> | null {
  if (encoding === "latin1" || encoding === "windows-1252") return encoding;
  const mark = head.subarray(0, MARK_BYTES);
  if (mark.equals(LOW_MARK)) return "utf-16le";
  if (mark.equals(HIGH_MARK)) return "utf-16be";
  return encoding === "utf-8" ? null : encoding;
}

/** Text in UTF-8. `look` is called once, with the first `HEAD_BYTES` bytes or all there are. */
export async function* decoded(
  blocks: AsyncIterable<Uint8Array>,
  encoding: Encoding | null,
  look: (head: Buffer) => void,
): AsyncGenerator<Buffer> {
  let decode: Decoder | null = null;
  let head: Buffer = Buffer.alloc(0);
  const begun = (): Decoder => {
    look(head);
    return decoderOf(encodingOf(head, encoding));
  };
  try {
    for await (const block of blocks) {
      if (decode !== null) {
        yield decode(asBuffer(block), false);
        continue;
      }
      head = Buffer.concat([head, block]);
      if (head.length < HEAD_BYTES) continue;
      decode = begun();
      yield decode(head, false);
    }
  } catch (thrown) {
    // Text before a fault counts, however short it is.
    if (decode === null && head.length > 0) yield begun()(head, false);
    throw thrown;
  }
  const rest = decode === null ? head : Buffer.alloc(0);
  decode ??= begun();
  yield decode(rest, true);
}

/** Takes the next bytes. An incomplete character is kept for the next call, unless this is the last one. */
type Decoder = (bytes: Buffer, last: boolean) => Buffer;

function decoderOf(encoding: Exclude<Encoding, "utf-8"> | null): Decoder {
  switch (encoding) {
    case null:
      return (bytes) => bytes;
    case "latin1":
      return (bytes) => Buffer.from(bytes.toString("latin1"));
    case "windows-1252": {
      const decoder = new TextDecoder(encoding);
      return (bytes) => Buffer.from(decoder.decode(bytes, { stream: true }));
    }
    case "utf-16le":
      return utf16((bytes) => bytes);
    case "utf-16be":
      return utf16((bytes) => Buffer.from(bytes).swap16());
  }
}

/** `littleEndian`: puts the bytes of whole code units in that order. */
function utf16(littleEndian: (bytes: Buffer) => Buffer): Decoder {
  let held: Buffer = Buffer.alloc(0);
  let begun = false;
  return (more, last) => {
    const bytes = Buffer.concat([held, more]);
    const whole = bytes.length - (bytes.length % 2);
    const text = littleEndian(bytes.subarray(0, whole)).toString("utf16le");
    // The second half of a surrogate pair may follow.
    const cut = !last && isHighSurrogate(text.at(-1)) ? 1 : 0;
    held = bytes.subarray(whole - 2 * cut);
    const marked = !begun && text.startsWith("\uFEFF") ? 1 : 0;
    begun ||= text.length > 0;
    const utf8 = wellFormed(text.slice(marked, text.length - cut));
    return last && held.length > 0 ? Buffer.concat([utf8, HALF_CHARACTER]) : utf8;
  };
}

function isHighSurrogate(unit: string | undefined): boolean {
  return unit !== undefined && unit >= "\uD800" && unit <= "\uDBFF";
}

function wellFormed(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(LONE).flatMap((part) => [HALF_CHARACTER, Buffer.from(part)]);
  return Buffer.concat(parts.slice(1));
}
