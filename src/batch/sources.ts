/** The sources of a batch, and how large they are. */
import { readerKinds } from "../input/kinds.ts";
import { sourceBehind } from "../core/records/plan.ts";
import type { PlannedRange } from "../core/records/plan.ts";
import type { Source } from "../input/reader.ts";
import { sourcesInList, sourcesInRecord } from "../input/sources/sources.ts";
import type { Sources } from "../input/sources/sources.ts";
import { isMeasured } from "../input/unpack/source-text.ts";
import type { ObjectStore } from "../ports.ts";
import type { BatchInput } from "./spec.ts";

/**
 * So many sources may be in the record of a batch, which every worker reads, and so many characters of JSON.
 * A DynamoDB item has at most 400 KB:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const MOST_IN_RECORD = 100;
const MOST_CHARACTERS = 50_000;

export function fitIntoRecord(sources: readonly Source[]): boolean {
  return sources.length <= MOST_IN_RECORD && JSON.stringify(sources).length <= MOST_CHARACTERS;
}

export function sourcesOf({ sources, list }: BatchInput, store: ObjectStore): Sources {
  return list === undefined ? sourcesInRecord(sources) : sourcesInList(list, store);
}

/** Throws a `RangeError` for a source that the batch does not have. */
export async function sourceOf(input: BatchInput, store: ObjectStore, number: number): Promise<Source> {
  const source = await sourcesOf(input, store).at(number);
  if (source) return source;
  throw new RangeError(`the batch has no source ${number}`);
}

/**
 * How much is to be planned after the range `last`, in the reader's unit. `null` if nothing is, or if that is
 * known only after reading.
 */
export async function unitsAfter(
  input: BatchInput,
  sources: Sources,
  last: PlannedRange | null,
): Promise<number | null> {
  const all = unitsOf(input);
  if (all === null) return null;
  const number = last === null ? 0 : sourceBehind(last);
  const before = (await sources.sizeBefore(number)) + (last === null || last.run ? 0 : last.end);
  return before < all ? all - before : null;
}

/** Whether a plan that ends with `last` covers all of an input whose size is known. */
export function isAllPlanned(input: BatchInput, last: PlannedRange): boolean {
  const all = unitsOf(input);
  const { sources, list } = input;
  if (all === null) return false;
  if (last.run) return sourceBehind(last) >= (list?.count ?? sources.length);
  if (list !== undefined) return last.source === list.count - 1 && last.end >= list.lastBytes;
  return sumOf(sources.slice(0, last.source)) + last.end >= all;
}

/**
 * The size of the whole input, or of its first items if there is a limit, in the reader's unit. `null` if it
 * is known only after reading, or if the input is not listed yet.
 */
export function unitsOf({ reader, options, sources, list, from, maxItems }: BatchInput): number | null {
  const kind = readerKinds[reader];
  const measured = list?.measured ?? sources.every((source) => isMeasured(kind, source, options));
  if (from !== undefined || !measured) return null;
  const all = list?.bytes ?? sumOf(sources);
  if (maxItems === undefined) return all;
  return kind.indexed ? Math.min(maxItems, all) : null;
}

/** The same, for progress and estimates: also where only a measurement told it. */
export function sizeOf(input: BatchInput): number | null {
  const { units, maxItems } = input;
  if (units === undefined) return unitsOf(input);
  return maxItems === undefined ? units : null;
}

function sumOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { size }) => sum + size, 0);
}
