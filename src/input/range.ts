/** Consecutive integers: for jobs that have no input files. */
import { FanjoinError } from "../core/errors/errors.ts";
import type {
  CutRequest,
  Cutter,
  Origin,
  RecordPosition,
  Reader,
  ReaderKind,
  ReadRequest,
  Records,
} from "./reader.ts";

/** How many integers are created at once. */
const BATCH_ITEMS = 1024;

/** The integers from `from` up to `to` (exclusive); `range(to)` begins at 0. */
export function range(to: number): Reader<number>;
export function range(from: number, to: number): Reader<number>;
export function range(first: number, second?: number): Reader<number> {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (
    !Number.isSafeInteger(from) ||
    !Number.isSafeInteger(to) ||
    !Number.isSafeInteger(to - from) ||
    from > to
  ) {
    throw new FanjoinError(
      "JOB_INVALID",
      `range() takes integers, the first not above the second; it was given ${from} and ${to}.`,
    );
  }
  return { kind: "range", options: { from, to }, own: { from, to } };
}

/** Offsets count from 0 and are the indexes of the items; the first value is added here. */
function firstValue(request: ReadRequest): number {
  const from = request.options["from"];
  return (typeof from === "number" ? from : 0) + request.range.start;
}

function consecutive(first: number, count: number): Records {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(first + i);
  const locate = (index: number): RecordPosition => ({
    offset: null,
    line: null,
    raw: String(first + index),
    key: first + index,
  });
  return { values, unreadable: null, lines: null, locate };
}

async function* read(request: ReadRequest): AsyncGenerator<Records> {
  const count = request.range.end - request.range.start;
  const first = firstValue(request);
  for (let done = 0; done < count; done += BATCH_ITEMS) {
    yield consecutive(first + done, Math.min(BATCH_ITEMS, count - done));
  }
}

function origin({ range: { start } }: ReadRequest): Origin {
  return { items: start, lines: null };
}

function readNow(request: ReadRequest): Records | null {
  const count = request.range.end - request.range.start;
  return count > BATCH_ITEMS ? null : consecutive(firstValue(request), count);
}

function cut({ sources, after }: CutRequest): Cutter {
  let number = after?.source ?? 0;
  let start = after?.end ?? 0;
  return {
    // Sizes are in the reader's unit: a bound in bytes has no meaning here.
    next(size) {
      for (let source = sources[number]; source !== undefined; source = sources[++number], start = 0) {
        if (start >= source.size) continue;
        const cutAt = {
          source: number,
          start,
          end: Math.min(source.size, start + Math.max(1, size.items ?? size.bytes)),
        };
        start = cutAt.end;
        return cutAt;
      }
      return null;
    },
    close: async () => {},
  };
}

export const rangeKind: ReaderKind = { unit: "items", indexed: true, cut, origin, read, readNow };
