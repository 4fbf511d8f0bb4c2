/** The input of a chunk: the source itself, or the text that its planner spooled. */
import { placeOf, verified } from "../../checksum.ts";
import type { ChunkMessage, Spool } from "../../core/records/message.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Origin, RecordPosition, ReaderKind, ReadRequest, Records, TextKind } from "../reader.ts";
import { isUnreadable } from "../unpack/damage.ts";
import { derivedStore } from "../reads/derived-store.ts";
import { asText, textOf, textStore } from "../unpack/source-text.ts";

/** How much of an unreadable part is shown as its raw text. */
const SHOWN_BYTES = 8 * 1024;

/** The reader of a chunk, and its request. */
export interface ChunkReading {
  readonly kind: ReaderKind;
  readonly request: ReadRequest;
}

export function readingOf(
  kind: ReaderKind,
  request: ReadRequest,
  { spool, crc }: Pick<ChunkMessage, "spool" | "crc">,
): ChunkReading {
  if (spool === undefined) return { kind, request };
  const spooled = kind.text === undefined ? request : spooledRequest(request, kind.text, spool);
  const reading = crc === undefined ? spooled : { ...spooled, store: verifiedStore(spooled, spool, crc) };
  if (spool.damage === undefined) return { kind, request: reading };
  return { kind: unreadableKind(kind, spool, spool.damage), request: reading };
}

/** A store that verifies the range when it is read as a whole. */
function verifiedStore({ source, range, store }: ReadRequest, spool: Spool, crc: number): ObjectStore {
  const { start, end } = range;
  const place = placeOf({ ...spool, offset: spool.offset + start - spool.base, length: end - start });
  return derivedStore(store, (name, from, to, version) => {
    const blocks = store.read(name, from, to, version);
    return name === source.name && from === start && to === end ? verified(blocks, crc, place) : blocks;
  });
}

/** A request in whose store the source is the spooled text. */
function spooledRequest(request: ReadRequest, text: TextKind, spool: Spool): ReadRequest {
  const { source, options, store, range } = request;
  const whole = { source, options, store, text };
  const spooled = textStore(whole, () => textOf(whole), spool);
  return { source: asText(source), range, options, store: spooled, exact: true };
}

/** Replaces `kind` for a range that cannot be read: one item with the reason. */
export function unreadableKind(kind: ReaderKind, spool: Spool | null, message: string): ReaderKind {
  // Elements and rows have numbers and no positions.
  const hasPositions = kind.text !== undefined && kind.text.convert === undefined;
  return {
    unit: kind.unit,
    indexed: false,
    cut: (request) => kind.cut(request),
    // The text before the range can be read, even if it is only the header.
    origin: async (request) =>
      request.range.start === 0 ? { items: 0, lines: hasPositions ? 0 : null } : originOf(kind, request),
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

async function originOf(kind: ReaderKind, request: ReadRequest): Promise<Origin | null> {
  try {
    return await kind.origin(request);
  } catch (thrown) {
    if (isUnreadable(thrown)) return null;
    throw thrown;
  }
}

function unreadableRecord(message: string, position: RecordPosition): Records {
  const unreadable = new Map([[0, { code: "INPUT_INVALID", message, toEnd: true } as const]]);
  return { values: [undefined], unreadable, lines: null, locate: () => position };
}

async function beginningOf(start: number, spool: Spool, store: ReadRequest["store"]): Promise<string> {
  const from = spool.offset + start - spool.base;
  const end = Math.min(from + SHOWN_BYTES, spool.offset + spool.length);
  const parts: Uint8Array[] = [];
  if (end > from) for await (const block of store.read(spool.name, from, end)) parts.push(block);
  return Buffer.concat(parts).toString("utf8");
}
