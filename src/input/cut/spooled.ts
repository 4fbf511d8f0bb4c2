/** The input of a chunk: the source itself, or the text that its planner spooled. */
import type { Spool } from "../../core/records/message.ts";
import type { RecordPosition, ReaderKind, ReadRequest, Records } from "../reader.ts";
import { asText, spoolStore } from "../unpack/source-text.ts";

/** How much of an unreadable part is shown as its raw text. */
const SHOWN_BYTES = 8 * 1024;

/** The reader of a chunk, and its request. */
export interface ChunkReading {
  readonly kind: ReaderKind;
  readonly request: ReadRequest;
}

export function readingOf(kind: ReaderKind, request: ReadRequest, spool: Spool | undefined): ChunkReading {
  if (spool?.damage !== undefined) return { kind: unreadableKind(kind, spool, spool.damage), request };
  if (spool === undefined || kind.text === undefined) return { kind, request };
  const { source, options, store, range } = request;
  const text = spoolStore({ source, options, store, text: kind.text }, spool);
  return { kind, request: { source: asText(source), range, options, store: text, exact: true } };
}

/** Replaces `kind` for a range that cannot be read: one item with the reason. */
export function unreadableKind(kind: ReaderKind, spool: Spool | null, message: string): ReaderKind {
  // Elements have numbers and no positions.
  const hasPositions = kind.text?.convert === undefined;
  return {
    unit: kind.unit,
    indexed: false,
    cut: (request) => kind.cut(request),
    origin: async ({ range }) => (range.start === 0 ? { items: 0, lines: hasPositions ? 0 : null } : null),
    async *read({ range: { start }, store }) {
      const raw = spool === null ? "" : await beginningOf(start, spool, store);
      yield unreadableRecord(message, {
        offset: hasPositions ? start : null,
        line: hasPositions ? 0 : null,
        raw,
        key: start,
      });
    },
  };
}

function unreadableRecord(message: string, position: RecordPosition): Records {
  const unreadable = new Map([[0, { code: "INPUT_INVALID", message } as const]]);
  return { values: [undefined], unreadable, lines: null, locate: () => position };
}

async function beginningOf(start: number, spool: Spool, store: ReadRequest["store"]): Promise<string> {
  const from = spool.offset + start - spool.base;
  const end = Math.min(from + SHOWN_BYTES, spool.offset + spool.length);
  const parts: Uint8Array[] = [];
  if (end > from) for await (const block of store.read(spool.name, from, end)) parts.push(block);
  return Buffer.concat(parts).toString("utf8");
}
