/** Checks what comes from a pulled directory, an endpoint or a state directory: it may be somebody else's. */
import {
  anything,
  count,
  flag,
  list,
  matching,
  maybe,
  number,
  object,
  oneOf,
  text,
} from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import { isObject } from "../../core/json/json.ts";
import type { ReaderName } from "../../input/reader.ts";
import type { PulledBatch, PulledChunk } from "./pulled-chunk.ts";
import { inPieces } from "../../core/records/pulled-text.ts";
import type { PulledText, PulledPiece } from "../../core/records/pulled-text.ts";

/** `null` passes, but the property must be there. */
function nullable(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

const piece = object({ at: count, bytes: count });
const pieces = object({ pieces: list(piece) });

const pulledText: Check = (value) => {
  if (!isObject(value) || !("pieces" in value)) return piece(value);
  const wrong = pieces(value);
  if (wrong !== null) return wrong;
  const found = value["pieces"] as readonly PulledPiece[];
  const inOrder = found.every(({ at }, place) => place === 0 || at >= endOf(found[place - 1]));
  return inOrder ? null : ".pieces";
};

function endOf(before: PulledPiece | undefined): number {
  return before === undefined ? 0 : before.at + before.bytes;
}

const chunk = object({
  chunk: count,
  source: count,
  start: count,
  end: count,
  spooled: flag,
  before: object({ items: nullable(count), lines: nullable(count) }),
  text: nullable(pulledText),
  damage: maybe(text),
  whole: maybe(flag),
});

export const pulledChunk: Check = (value) => {
  const wrong = chunk(value);
  if (wrong !== null) return wrong;
  const { start, end } = value as PulledChunk;
  return end >= start ? null : ".end";
};

export const pulledSource: Check = object({
  source: count,
  label: text,
  size: count,
  head: matching(/^[0-9A-Za-z+/]*={0,2}$/),
});

/** Their code is not loaded here: browsers check answers too. */
const READERS = {
  csv: true,
  files: true,
  jsonl: true,
  json: true,
  lines: true,
  parquet: true,
  range: true,
  items: true,
  from: true,
} as const satisfies Record<ReaderName, true>;

export const pulledBatch: Check = object({
  batch: matching(/^[0-9A-Z]{1,64}$/),
  job: matching(/^[a-z][a-z0-9-]{0,62}$/),
  params: anything,
  reader: oneOf(Object.keys(READERS)),
  options: object({}),
  concurrency: number,
  code: maybe(matching(/^[0-9A-Za-z_-]{1,100}$/)),
});

/** The same without what else came with it. */
export function bareBatch({
  batch,
  job,
  params,
  reader,
  options,
  concurrency,
  code,
}: PulledBatch): PulledBatch {
  return { batch, job, params, reader, options, concurrency, code };
}

export function bareChunk(given: PulledChunk): PulledChunk {
  const { chunk: number, source, start, end, spooled, before, text: own, damage, whole } = given;
  const { items, lines } = before;
  return {
    chunk: number,
    source,
    start,
    end,
    spooled,
    before: { items, lines },
    text: own && bareText(own),
    ...(damage === undefined ? {} : { damage }),
    ...(whole ? { whole } : {}),
  };
}

function bareText(text: PulledText): PulledText {
  return inPieces(text) ? { pieces: text.pieces.map(barePiece) } : barePiece(text);
}

function barePiece({ at, bytes }: PulledPiece): PulledPiece {
  return { at, bytes };
}
