/** A list of failed items that comes from an endpoint. */
import { linesOf } from "../lines-of.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { parseFailedLine } from "../core/failures/failed-line.ts";
import { notFanjoin } from "./http/answer.ts";
import type { Base } from "./base.ts";

/** A line has 8 KiB of the item's text, and the message of its error. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** The same content. Throws `ENDPOINT_UNUSABLE` at the first line that is none of fanjoin's. */
export async function* checkedFailedLines(
  content: AsyncIterable<Uint8Array>,
  base: Base,
): AsyncGenerator<Uint8Array> {
  for await (const line of linesOf(boundedLines(content, base))) {
    try {
      parseFailedLine(line);
    } catch (error) {
      if (!(error instanceof FanjoinError)) throw error;
      throw notFanjoin(base, "its list of failed items has a line that is none of fanjoin's");
    }
    yield encoder.encode(`${line}\n`);
  }
}

/** A line without an end would be held in memory. */
async function* boundedLines(content: AsyncIterable<Uint8Array>, base: Base): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const block of content) {
    const end = block.lastIndexOf(NEWLINE);
    bytes = end < 0 ? bytes + block.length : block.length - end - 1;
    if (bytes > MAX_LINE_BYTES)
      throw notFanjoin(base, `its list of failed items has a line of more than ${MAX_LINE_BYTES} bytes`);
    yield block;
  }
}

const NEWLINE = 0x0a;
const encoder = new TextEncoder();
