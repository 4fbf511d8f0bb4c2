/**
 * Many files as one object, so that the record of a batch stays small for any number of files. The object is
 * JSON lines; the first half is an index. Index lines have equal length, so that any file is found without
 * reading the lines before it.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { count, jsonOrNull, list, maybe, object, text, where } from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Range, Source } from "../reader.ts";

/** Digits of a number in the index: enough for 999 TB. */
const DIGITS = 15;
/** `[end,bytes]` and a newline. */
const MARK_BYTES = 2 * DIGITS + 4;
/** Index lines that are read at once. */
const WINDOW = 1024;

/** The index entry of a file. */
interface Mark {
  /** Where its line ends, counted from the end of the index. */
  readonly end: number;
  /** The bytes of this file and of all files before it. */
  readonly bytes: number;
}

const NO_FILES: Mark = { end: 0, bytes: 0 };

/**
 * The text of the list, in the order of `files`. The list becomes the one source of the batch; its `size` is
 * the number of files.
 */
export function fileList(files: readonly Source[]): string {
  let end = 0;
  let bytes = 0;
  const index: string[] = [];
  const lines = files.map(({ name, label, size, version, problem }) => {
    const line = `${JSON.stringify({ name, label, size, version, problem })}\n`;
    end += Buffer.byteLength(line);
    bytes += size;
    index.push(`[${String(end).padStart(DIGITS)},${String(bytes).padStart(DIGITS)}]\n`);
    return line;
  });
  return index.concat(lines).join("");
}

async function readText(source: Source, store: ObjectStore, start: number, end: number): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of store.read(source.name, start, end, source.version)) blocks.push(block);
  return Buffer.concat(blocks).toString("utf8");
}

/** Lines that `fileList` wrote, which `check` checks. Throws `DIRECTORY_UNUSABLE` for others. */
function parseLines<Line>(source: Source, lines: string, check: Check): Line[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value = jsonOrNull(line);
      if (check(value) === null) return value as Line;
      throw new FanjoinError(
        "DIRECTORY_UNUSABLE",
        `the list of files ${source.name} is damaged, or fanjoin did not write it: run the batch again`,
      );
    });
}

const markLine = where((value) => Array.isArray(value) && list(count)(value) === null && value.length === 2);
const fileLine = object({ name: text, label: text, size: count, version: text, problem: maybe(text) });

/** Reads the index of a list, one window at a time. */
export function fileIndex(source: Source, store: ObjectStore): (file: number) => Promise<Mark> {
  let from = 0;
  let marks: Mark[] = [];
  return async (file) => {
    if (file < 0) return NO_FILES;
    if (file < from || file >= from + marks.length) {
      from = file;
      const to = Math.min(source.size, from + WINDOW);
      const lines = await readText(source, store, from * MARK_BYTES, to * MARK_BYTES);
      marks = parseLines<[number, number]>(source, lines, markLine).map(([end, bytes]) => ({ end, bytes }));
    }
    const mark = marks[file - from];
    if (mark === undefined) throw new RangeError(`the list of files ${source.name} has no file ${file}`);
    return mark;
  };
}

/** The files of a range of the list. */
export async function listedFiles(
  source: Source,
  { start, end }: Range,
  store: ObjectStore,
): Promise<Source[]> {
  const markOf = fileIndex(source, store);
  const from = await markOf(start - 1);
  const to = await markOf(end - 1);
  const index = source.size * MARK_BYTES;
  const lines = await readText(source, store, index + from.end, index + to.end);
  return parseLines<Source>(source, lines, fileLine);
}
