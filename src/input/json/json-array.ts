/**
 * Puts each element of a JSON array on a line of its own. Only brackets and strings are followed here;
 * `JSON.parse` does the rest.
 */
import { asBuffer } from "../text/as-buffer.ts";
import { Damage } from "../unpack/damage.ts";
import { jsonWalk } from "./json-walk.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
/** Begins a byte order mark, which breaks the first element and is not left out. */
const MARK_START = 0xef;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const RETURN = 0x0d;
const TAB = 0x09;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A table of the bytes that need attention; all others are skipped. */
function tableOf(...bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}

const IN_STRING = tableOf(QUOTE, BACKSLASH, NEWLINE);
const OUTSIDE = tableOf(QUOTE, COMMA, NEWLINE, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT);

function nextOf(table: Uint8Array, block: Buffer, from: number): number {
  let at = from;
  while (at < block.length && table[block[at] ?? 0] === 0) at++;
  return at;
}

/**
 * Turns what is inside an array into lines, in place and byte for byte: the commas between elements and the
 * closing bracket become line ends, line ends spaces. A line end within a string, which JSON does not allow,
 * becomes a tab, which it does not allow either. A bracket that closes nothing stays in its element, which
 * `JSON.parse` refuses.
 */
interface ElementScan {
  /** The offset after the closing bracket of the array; −1 if it is not in `block`. */
  take(block: Buffer): number;
}

function elementScan(): ElementScan {
  let depth = 0;
  let inString = false;
  /** The next byte of the string is escaped. */
  let escaped = false;

  /** Skips the byte after a backslash, once it is there. */
  function passEscaped(block: Buffer, at: number): number {
    escaped = at >= block.length;
    if (block[at] === NEWLINE) block[at] = TAB;
    return at + 1;
  }

  /** The end of the string that continues at `from`, or the end of the block. */
  function passString(block: Buffer, from: number): number {
    let at = escaped ? passEscaped(block, from) : from;
    for (at = nextOf(IN_STRING, block, at); at < block.length; at = nextOf(IN_STRING, block, at)) {
      const byte = block[at];
      if (byte === BACKSLASH) at = passEscaped(block, at + 1);
      else if (byte === NEWLINE) block[at++] = TAB;
      else {
        inString = false;
        return at + 1;
      }
    }
    return block.length;
  }

  /** Whether the array ends with the byte at `at`, which is outside of strings. */
  function endsAt(block: Buffer, at: number): boolean {
    const byte = block[at];
    if (byte === QUOTE) inString = true;
    else if (byte === COMMA) {
      if (depth === 0) block[at] = NEWLINE;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === NEWLINE) block[at] = SPACE;
    else if (depth > 0) depth--;
    else if (byte === CLOSE_ARRAY) {
      block[at] = NEWLINE;
      return true;
    }
    return false;
  }

  return {
    take(block) {
      for (let at = 0; at < block.length;) {
        at = inString ? passString(block, at) : nextOf(OUTSIDE, block, at);
        if (inString || at >= block.length || OUTSIDE[block[at] ?? 0] === 0) continue;
        if (endsAt(block, at++)) return at;
      }
      return -1;
    },
  };
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

function withoutSpace(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => !isSpace(byte));
  return bytes.subarray(start < 0 ? bytes.length : start);
}

/** `path`: keys from the top of the document to the array. Throws `INPUT_INVALID`. */
export async function* elementLines(
  text: AsyncIterable<Uint8Array>,
  path: readonly string[],
): AsyncGenerator<Buffer> {
  const walk = jsonWalk(path);
  const scan = elementScan();
  let state: "before" | "inside" | "after" = "before";
  let offset = 0;
  let begun = false;
  for await (const bytes of text) {
    const block = asBuffer(bytes);
    let rest = block;
    const here = (): number => offset + block.length - rest.length;
    if (state === "before") {
      const start = walk.toArray(rest);
      rest = start < 0 ? rest.subarray(rest.length) : rest.subarray(start);
      if (start >= 0) state = "inside";
    }
    if (state === "inside") {
      // The first byte shows whether the array is empty.
      if (!begun) rest = withoutSpace(rest);
      if (!begun && rest[0] === MARK_START) yield Buffer.from(" ");
      begun ||= rest.length > 0 && rest[0] !== CLOSE_ARRAY;
      const end = scan.take(rest);
      const inside = end < 0 ? rest : rest.subarray(0, end);
      rest = rest.subarray(inside.length);
      if (begun && inside.length > 0) yield inside;
      if (end >= 0) {
        state = "after";
      }
    }
    if (state === "after") walk.afterArray(rest, here());
    offset += block.length;
  }
  if (state === "inside")
    throw new Damage(`the array does not end: the document ends too soon, at byte ${offset}`);
  walk.end();
}
