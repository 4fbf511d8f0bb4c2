/** Whole files, each of them an item. */
import { FanjoinError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { group, invalid, show } from "../option-check.ts";
import type { ObjectStore } from "../ports.ts";
import { blocksOf, bytesOf, factsOf, fileItem, textOf } from "./files/file-item.ts";
import type { FileBytes, FileItem, FileText } from "./files/file-item.ts";
import { fileIndex, listedFiles } from "./files/file-list.ts";
import type {
  ChunkSize,
  CutRequest,
  Cutter,
  Place,
  ReadRequest,
  Reader,
  ReaderKind,
  Records,
  Source,
} from "./reader.ts";
import { unreadable } from "./text/unreadable.ts";

/**
 * Content of a chunk, if it has more than one file: what files of a size take says little of how long larger
 * ones take.
 */
const MOST_CHUNK_BYTES = 64 * 1024 * 1024;

const FORMS = ["text", "bytes"] as const;

export interface FilesOptions<Form extends "text" | "bytes" | undefined> {
  /** What the item holds of the file: its text, or its bytes. Left out: neither, it is read on demand. */
  readonly as?: Form;
}

/**
 * Each file is an item: those named on the command line, those that match a glob, and those in a directory
 * and below it, hidden ones and `node_modules` left out, in the order of their paths. A file that is gone, or
 * was changed since the batch was planned, is a failed item.
 */
export function files(options?: FilesOptions<undefined>): Reader<FileItem>;
export function files(options: FilesOptions<"text">): Reader<FileText>;
export function files(options: FilesOptions<"bytes">): Reader<FileBytes>;
export function files(options: FilesOptions<"text" | "bytes" | undefined> = {}): Reader {
  const { as } = group(options, "files()", ["as"]);
  if (as !== undefined && !FORMS.some((form) => form === as)) {
    throw invalid(`files() takes 'text' or 'bytes' as as, or nothing; it was given ${show(as)}.`);
  }
  return { kind: "files", options: { as: (as as Json | undefined) ?? null } };
}

/** The end of the chunk that begins with file `start`: one file at least. */
async function endOfChunk(
  markOf: ReturnType<typeof fileIndex>,
  { size: count }: Source,
  start: number,
  size: ChunkSize,
): Promise<number> {
  const most = Math.min(count, start + Math.max(1, size.items ?? count));
  const before = await markOf(start - 1);
  const bound = before.bytes + Math.min(size.bytes, MOST_CHUNK_BYTES);
  let end = start + 1;
  while (end < most && (await markOf(end)).bytes <= bound) end++;
  return end;
}

function cut({ sources, store, after }: CutRequest): Cutter {
  let number = after?.source ?? 0;
  let start = after?.end ?? 0;
  let markOf: ReturnType<typeof fileIndex> | null = null;
  return {
    async next(size) {
      for (
        let list = sources[number];
        list !== undefined;
        list = sources[++number], start = 0, markOf = null
      ) {
        if (start >= list.size) continue;
        markOf ??= fileIndex(list, store);
        const range = { source: number, start, end: await endOfChunk(markOf, list, start, size) };
        start = range.end;
        return range;
      }
      return null;
    },
    close: async () => {},
  };
}

/** `key`: its number in the list. */
function placeOf(file: Source, key: number): Place {
  return { source: file.label, offset: 0, line: null, raw: file.label, key };
}

/** The item, or why there is none. What may pass is thrown: the chunk is tried again. */
async function wholeFile(file: Source, key: number, store: ObjectStore, form: Json): Promise<Records> {
  const again = async (): Promise<unknown> => (await wholeFile(file, key, store, form)).values[0];
  const record = { lines: null, locate: () => placeOf(file, key), again };
  try {
    const bytes = await bytesOf(blocksOf(file, store), file);
    const content = form === "text" ? { text: textOf(bytes) } : { bytes };
    return { ...record, values: [{ ...factsOf(file), ...content }], unreadable: null };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError) || thrown.retryable) throw thrown;
    return { ...record, values: [undefined], unreadable: new Map([[0, unreadable(thrown.message)]]) };
  }
}

async function* read({ source, range, options, store, signal }: ReadRequest): AsyncGenerator<Records> {
  const listed = await listedFiles(source, range, store);
  const form = options["as"] ?? null;
  if (form === null) {
    const values = listed.map((file) => fileItem(file, store, signal));
    const fileAt = (index: number): Source => listed[index] ?? source;
    const locate = (index: number): Place => placeOf(fileAt(index), range.start + index);
    const again = (index: number): unknown => fileItem(fileAt(index), store, signal);
    yield { values, unreadable: null, lines: null, locate, again };
    return;
  }
  for (const [index, file] of listed.entries()) {
    const { values, ...records } = await wholeFile(file, range.start + index, store, form);
    const held = [...values];
    yield { ...records, values: held };
    // Whoever takes the next one has this one: results that wait for their turn keep their place, not its
    // content.
    held.fill(undefined);
  }
}

async function origin({ range: { start } }: ReadRequest): ReturnType<ReaderKind["origin"]> {
  return { items: start, lines: null };
}

export const filesKind: ReaderKind = { unit: "items", indexed: true, cut, origin, read };
