/**
 * A run: whole sources, one after the other, as the range of one chunk. Nobody but the worker reads them.
 *
 * A place in a run is one number: the number of the source within the run, and the offset in its text. So a
 * run is cut like any other range.
 */

export interface SourceRun {
  /** How many sources it has. */
  readonly sources: number;
  /** Their sizes together. */
  readonly bytes: number;
}

/** The place of a range: of a run, or of a part of one. */
interface RunRange {
  readonly source: number;
  readonly start: number;
  readonly end: number;
  readonly run?: SourceRun;
}

/** Offsets in the text of a source are below it. */
const PER_SOURCE = 2 ** 32;
/** The most sources of a run. Its end is a safe integer, and a source takes time however small it is. */
export const MOST_SOURCES = 1000;

/** The range of the sources from number `source` on. */
export function runFrom(source: number, run: SourceRun): Required<RunRange> {
  return { source, start: 0, end: placeIn(run.sources, 0), run };
}

/** `source`: its number within the run. */
export function placeIn(source: number, offset: number): number {
  return source * PER_SOURCE + offset;
}

export function partsOfPlace(place: number): { readonly source: number; readonly offset: number } {
  return { source: Math.floor(place / PER_SOURCE), offset: place % PER_SOURCE };
}

/** Whether a run can be cut at this offset in the text of a source. */
export function isPlaceable(offset: number): boolean {
  return offset < PER_SOURCE;
}

/** The first place at or behind this one at which a source begins. */
export function beginningFrom(place: number): number {
  return Math.ceil(place / PER_SOURCE) * PER_SOURCE;
}

/**
 * The size of a range, in the reader's unit. A part of a run has a share of it: the parts come to the size of
 * the run, however it is cut.
 */
export function unitsIn(range: Omit<RunRange, "source">): number {
  const { start, end } = unitRange(range);
  return end - start;
}

/** A range in the reader's unit; that of a run, or of a part of one, counts from the beginning of the run. */
export function unitRange({ start, end, run }: Omit<RunRange, "source">): {
  readonly start: number;
  readonly end: number;
} {
  if (run === undefined) return { start, end };
  const whole = placeIn(run.sources, 0);
  const unitsTo = (place: number): number => Math.floor(run.bytes * (place / whole));
  return { start: unitsTo(start), end: unitsTo(end) };
}

/** The sources that a part of a run reads: the number of the first one in the run, and how many they are. */
export function sourcesWithin({ start, end }: Pick<RunRange, "start" | "end">): {
  readonly first: number;
  readonly count: number;
} {
  const first = partsOfPlace(start).source;
  return { first, count: partsOfPlace(end - 1).source - first + 1 };
}
