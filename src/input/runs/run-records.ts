/** Reads a run: its sources one after the other, each as if it were read alone. */
import { isPlaceable, partsOfPlace, placeIn } from "../../core/records/source-run.ts";
import type { RecordPosition, ReaderKind, Records, Source, TextKind } from "../reader.ts";
import type { ChunkReading } from "../cut/spooled.ts";
import { bytesOfSource, sourceRecords } from "./source-records.ts";
import type { RunRequest, SourceRecords } from "./source-records.ts";

/** Small sources that are fetched ahead, where each read is a request that takes time. */
const AHEAD = 16;

export interface RunReading extends ChunkReading {
  /** Of the sources read so far: how many are damaged, with items in doubt before the place `end`. */
  readonly inDoubt: (end: number) => number;
}

/** A run, or a part of one: the sources from `first` on that lie within `start` and `end`. */
export interface RunPart {
  readonly source: number;
  readonly start: number;
  readonly end: number;
  /** The source of a number of the batch. */
  readonly at: (number: number) => Source | undefined;
}

/** The reading of a run. Positions are complete: they count from the beginning of each source. */
export function runReading(request: RunRequest, part: RunPart): RunReading {
  const doubted = new Set<number>();
  const { source: first, start, end, at } = part;
  const source = at(first);
  if (source === undefined) throw new RangeError(`the batch has no source ${first}`);
  const kind: ReaderKind = {
    unit: request.kind.unit,
    indexed: false,
    cut: (cut) => request.kind.cut(cut),
    // Every source begins within the run, so that nothing before it matters.
    origin: () => ({ items: 0, lines: 0 }),
    read: () => readRun(request, part, (place) => doubted.add(place)),
  };
  const { options, store, signal } = request;
  const range = { source: first, start, end };
  return {
    kind,
    request: { source, range, options, store, ...(signal ? { signal } : {}) },
    inDoubt: (end) => [...doubted].filter((place) => place < end).length,
  };
}

async function* readRun(
  request: RunRequest,
  { source: first, start, end, at }: RunPart,
  onDoubt: (place: number) => void,
): AsyncGenerator<Records> {
  for await (const { number, source, bytes } of fetched(request, numbersIn(start, end), first, at)) {
    const from = start - placeIn(number, 0);
    const to = end - placeIn(number, 0);
    let isDoubted = false;
    for await (const some of sourceRecords(request, source, bytes)) {
      const records = between(placed(some, { number, batchNumber: first + number, source }), from, to);
      if (some.inDoubt && !isDoubted && some.records.values.length > 0) {
        isDoubted = true;
        // Of the parts of a run, the one with the first item in doubt counts the source.
        const { key } = some.records.locate(0);
        if (from <= key && key < to) onDoubt(placeIn(number, key));
      }
      if (records !== null) yield records;
    }
  }
}

/** The numbers of the sources within the run that lie between two places. */
function numbersIn(start: number, end: number): number[] {
  const first = partsOfPlace(start).source;
  const last = partsOfPlace(end - 1).source;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
}

interface Fetched {
  readonly number: number;
  readonly source: Source;
  readonly bytes: Buffer;
}

async function* fetched(
  { store }: RunRequest,
  numbers: readonly number[],
  first: number,
  at: RunPart["at"],
): AsyncGenerator<Fetched> {
  const begun: Promise<Fetched>[] = [];
  const fetch = async (number: number): Promise<Fetched> => {
    const source = at(first + number);
    if (source === undefined) throw new RangeError(`the batch has no source ${first + number}`);
    return { number, source, bytes: await bytesOfSource(source, store) };
  };
  try {
    let next = 0;
    for (;;) {
      const name = at(first)?.name ?? "";
      const most = store.remote?.(name) === true ? AHEAD : 1;
      for (; begun.length < most && next < numbers.length; next++) {
        const started = fetch(numbers[next] ?? 0);
        // It is awaited in its turn.
        started.catch(() => undefined);
        begun.push(started);
      }
      const one = begun.shift();
      if (one === undefined) return;
      // The chunk stops by itself, at an item: what is done of it counts.
      yield await one;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}

interface PlaceOfSource {
  /** Within the run, and in the batch. */
  readonly number: number;
  readonly batchNumber: number;
  readonly source: Source;
}

/** Records whose positions count from the beginning of their source. */
function placed({ records, items, lines }: SourceRecords, of: PlaceOfSource): Records {
  const locate = (index: number): RecordPosition => {
    const found = records.locate(index);
    return {
      ...found,
      source: found.source ?? of.source.label,
      line: lines === null || found.line === null ? null : lines + found.line,
      within: {
        source: of.batchNumber,
        index: items + index,
        place: isPlaceable(found.key) ? placeIn(of.number, found.key) : null,
      },
    };
  };
  return { ...records, lines: null, locate };
}

/** The records whose offsets lie in a range; `null` if none does. */
function between(records: Records, from: number, to: number): Records | null {
  const keyOf = (index: number): number => records.locate(index).key;
  const { length } = records.values;
  if (length === 0) return null;
  if (from <= 0 && to > keyOf(length - 1)) return records;
  let first = 0;
  let end = length;
  while (first < end && keyOf(first) < from) first++;
  while (end > first && keyOf(end - 1) >= to) end--;
  if (first === end) return null;
  const { unreadable } = records;
  const again = records.again && ((index: number): unknown => records.again?.(first + index));
  return {
    values: records.values.slice(first, end),
    unreadable: unreadable && shifted(unreadable, first, end),
    lines: null,
    locate: (index) => records.locate(first + index),
    ...(again ? { again } : {}),
  };
}

function shifted<T>(of: ReadonlyMap<number, T>, first: number, end: number): ReadonlyMap<number, T> | null {
  const inside = [...of].filter(([index]) => index >= first && index < end);
  return inside.length === 0 ? null : new Map(inside.map(([index, value]) => [index - first, value]));
}

/** The kinds whose sources may be read in runs. */
export function hasText(kind: ReaderKind): kind is ReaderKind & { readonly text: TextKind } {
  return kind.text !== undefined;
}
