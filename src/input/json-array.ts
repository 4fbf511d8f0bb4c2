/** The elements of a JSON array, each on a line of its own: brackets and strings are followed, what is in them is for `JSON.parse`. */
import { Damage } from "./damage.ts";
import { jsonWalk } from "./json-walk.ts";
import { markLength } from "./pieces.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Turns what is inside an array into lines, in place and byte for byte: the commas between elements and the closing bracket become line ends, line ends spaces.
 * A line end within a string, which JSON does not allow, becomes a tab, which it does not allow either.
 */
interface ElementScan {
  /** The offset after the closing bracket of the array in `block`; −1 if that is not in here. */
  take(block: Buffer): number;
  /** Whether there was anything but white space since the beginning. */
  any(): boolean;
}

function elementScan(): ElementScan {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let any = false;

  /** The end of the string that goes on at `from`, after its quote; the length of the block if it goes on. */
  function passString(block: Buffer, from: number): number {
    for (let i = from; i < block.length; i++) {
      const byte = block[i];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        inString = false;
        return i + 1;
      } else if (byte === NEWLINE) block[i] = TAB;
    }
    return block.length;
  }

  return {
    take(block) {
      for (let i = 0; i < block.length;) {
        if (inString) {
          i = passString(block, i);
          continue;
        }
        const byte = block[i] ?? 0;
        if (byte === QUOTE) inString = any = true;
        else if (byte === COMMA && depth === 0) {
          any = true;
          block[i] = NEWLINE;
        } else if (byte === NEWLINE) block[i] = SPACE;
        else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
          any = true;
          depth++;
        } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
          if (depth === 0) {
            block[i] = NEWLINE;
            return i + 1;
          }
          depth--;
        } else if (byte > SPACE) any = true;
        i++;
      }
      return -1;
    },
    any: () => any,
  };
}

function withoutSpace(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte > SPACE);
  return bytes.subarray(start < 0 ? bytes.length : start);
}

/** `path`: keys from the top of the document to the array. Throws `INPUT_INVALID`. */
export async function* elementLines(
  text: AsyncIterable<Buffer>,
  path: readonly string[],
): AsyncGenerator<Buffer> {
  const walk = jsonWalk(path);
  const scan = elementScan();
  let state: "before" | "inside" | "after" = "before";
  let offset = 0;
  for await (const block of text) {
    let rest = offset === 0 ? block.subarray(markLength(block)) : block;
    const here = (): number => offset + block.length - rest.length;
    if (state === "before") {
      const start = walk.toArray(rest);
      rest = start < 0 ? rest.subarray(rest.length) : rest.subarray(start);
      if (start >= 0) state = "inside";
    }
    if (state === "inside") {
      if (!scan.any()) rest = withoutSpace(rest);
      const end = scan.take(rest);
      const inside = end < 0 ? rest : rest.subarray(0, end);
      rest = rest.subarray(inside.length);
      if (end >= 0) {
        state = "after";
        // An empty array has no lines.
        if (scan.any()) yield inside;
        walk.afterArray(Buffer.from("]"), here() - 1);
      } else if (scan.any()) yield inside;
    }
    if (state === "after") walk.afterArray(rest, here());
    offset += block.length;
  }
  if (state === "inside")
    throw new Damage(`the array does not end: the document ends too soon, at byte ${offset}`);
  walk.end();
}
