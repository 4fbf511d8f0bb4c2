/** Writes a stream of text out while it is scanned, one segment for each plan entry. */
import type { Spool } from "../../core/records/message.ts";
import { checksum } from "../../checksum.ts";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";

export interface SpoolWriter {
  /**
   * The blocks of `text` from offset `from` on. Each block is written when the next one is asked for.
   */
  passing(text: AsyncIterable<Buffer>, from: number): AsyncGenerator<Buffer>;
  /** Writes everything up to `offset` that has passed. */
  writeTo(offset: number): Promise<void>;
  /** The checksum of what was written since the last call; `undefined` if more than up to `offset` was. */
  takeChecksum(offset: number): number | undefined;
  /** The offset up to which text has passed. */
  end(): number;
  /**
   * Ends the segment: the next byte begins another one. If nothing was written since, returns the last
   * segment again.
   */
  close(): Promise<Spool>;
}

export function spoolWriter(store: ObjectStore, name: string): SpoolWriter {
  let writer: ObjectWriter | null = null;
  let last: Spool = { name: "", offset: 0, length: 0, base: 0 };
  let block: Buffer = Buffer.alloc(0);
  /** The offset of `block` in the text. */
  let at = 0;
  let written = 0;
  let base = 0;
  let sum = 0;

  async function writeTo(offset: number): Promise<void> {
    if (offset <= written) return;
    if (writer === null) base = written;
    writer ??= store.create(name);
    const bytes = block.subarray(written - at, offset - at);
    await writer.write(bytes);
    if (store.sums) sum = checksum(bytes, sum);
    written = offset;
  }

  return {
    async *passing(text, from) {
      at = 0;
      written = from;
      for await (const next of text) {
        const skipped = Math.min(next.length, Math.max(0, from - at));
        block = next.subarray(skipped);
        at += skipped;
        if (block.length > 0) {
          yield block;
          await writeTo(at + block.length);
        }
        at += block.length;
        block = block.subarray(block.length);
      }
    },
    writeTo,
    takeChecksum(offset) {
      const taken = sum;
      sum = 0;
      return written === offset && store.sums ? taken : undefined;
    },
    end: () => at + block.length,
    async close() {
      // Bytes before a segment are read from the source. Before an empty first segment, that is all of them.
      if (writer === null) return last.name === "" ? { ...last, base: written } : last;
      const { name: file, offset, length } = await writer.close();
      writer = null;
      // Its ranges have checksums of their own.
      last = { name: file, offset, length, base };
      return last;
    },
  };
}
