/**
 * Many sources as one object, so that the record of a batch stays small for any number of them. The object is
 * JSON lines; the first half is an index. Index lines have equal length, so that any source is found without
 * reading the lines before it.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { count, jsonOrNull, list, maybe, object, text, where } from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../reader.ts";

/** Digits of a number in the index: enough for 999 TB. */
const DIGITS = 15;
/** `[end,bytes]` and a newline. */
const MARK_BYTES = 2 * DIGITS + 4;
/** Index lines that are read at once. */
const WINDOW = 1024;

/** The index entry of a source. */
interface Mark {
  /** Where its line ends, counted from the end of the index. */
  readonly end: number;
  /** The bytes of this source and of all sources before it. */
  readonly bytes: number;
}

const NO_SOURCES: Mark = { end: 0, bytes: 0 };

/** How far a list has come that is written bit by bit. */
export interface ListLength extends Mark {
  readonly count: number;
}

export const EMPTY_LIST: ListLength = { ...NO_SOURCES, count: 0 };

/** A list in the store. */
export type ListObject = Pick<Source, "name" | "version"> & {
  /** How many sources it has. */
  readonly count: number;
};

/**
 * The text of the list, in the order of `sources`. For `files()` it is the one source of the batch; its
 * `size` is the number of files.
 */
export function sourceList(sources: readonly Source[]): string {
  const { index, lines } = listPart(EMPTY_LIST, sources);
  return index + lines;
}

/**
 * What `sources` add to a list: text of its index, and of its lines. A list is all of its index, then all of
 * its lines.
 */
export function listPart(
  before: ListLength,
  sources: readonly Source[],
): { readonly index: string; readonly lines: string; readonly length: ListLength } {
  let { end, bytes } = before;
  const index: string[] = [];
  const lines = sources.map(({ name, label, size, version, problem }) => {
    const line = `${JSON.stringify({ name, label, size, version, problem })}\n`;
    end += Buffer.byteLength(line);
    bytes += size;
    index.push(`[${String(end).padStart(DIGITS)},${String(bytes).padStart(DIGITS)}]\n`);
    return line;
  });
  const length = { end, bytes, count: before.count + sources.length };
  return { index: index.join(""), lines: lines.join(""), length };
}

async function readText(of: ListObject, store: ObjectStore, start: number, end: number): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of store.read(of.name, start, end, of.version)) blocks.push(block);
  return Buffer.concat(blocks).toString("utf8");
}

/** Lines that `sourceList` wrote, which `check` checks. Throws `DIRECTORY_UNUSABLE` for others. */
function parseLines<Line>({ name }: ListObject, lines: string, check: Check): Line[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value = jsonOrNull(line);
      if (check(value) === null) return value as Line;
      throw new FanjoinError(
        "DIRECTORY_UNUSABLE",
        `the list of files ${name} is damaged, or fanjoin did not write it: run the batch again`,
      );
    });
}

const markLine = where((value) => Array.isArray(value) && list(count)(value) === null && value.length === 2);
const sourceLine = object({ name: text, label: text, size: count, version: text, problem: maybe(text) });

/** Reads the index of a list, one window at a time. */
export function listIndex(of: ListObject, store: ObjectStore): (number: number) => Promise<Mark> {
  let from = 0;
  let marks: Mark[] = [];
  return async (number) => {
    if (number < 0) return NO_SOURCES;
    if (number < from || number >= from + marks.length) {
      from = number;
      const to = Math.min(of.count, from + WINDOW);
      const lines = await readText(of, store, from * MARK_BYTES, to * MARK_BYTES);
      marks = parseLines<[number, number]>(of, lines, markLine).map(([end, bytes]) => ({ end, bytes }));
    }
    const mark = marks[number - from];
    if (mark === undefined) throw new RangeError(`the list of files ${of.name} has no file ${number}`);
    return mark;
  };
}

/** The sources from `start` up to `end` (exclusive) of the list. */
export async function listedSources(
  of: ListObject,
  { start, end }: { readonly start: number; readonly end: number },
  store: ObjectStore,
  markOf: ReturnType<typeof listIndex> = listIndex(of, store),
): Promise<Source[]> {
  const from = await markOf(start - 1);
  const to = await markOf(end - 1);
  const index = of.count * MARK_BYTES;
  const lines = await readText(of, store, index + from.end, index + to.end);
  return parseLines<Source>(of, lines, sourceLine);
}
