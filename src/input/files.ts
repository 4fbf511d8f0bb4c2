/** Whole files: each file is an item. */
import { FanjoinError } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import { group, invalid, show } from "../option-check.ts";
import type { ObjectStore } from "../ports.ts";
import { blocksOf, bytesOf, factsOf, fileItem, textOf } from "./files/file-item.ts";
import type { FileBytes, FileItem, FileText } from "./files/file-item.ts";
import { listedSources, listIndex } from "./sources/source-list.ts";
import type { ListObject } from "./sources/source-list.ts";
import type {
  ChunkSize,
  CutRequest,
  Cutter,
  Origin,
  RecordPosition,
  ReadRequest,
  Reader,
  ReaderKind,
  Records,
  Source,
} from "./reader.ts";
import { unreadable } from "./text/unreadable.ts";

/**
 * The most content of a chunk with more than one file: the time for small files does not predict the time for
 * larger ones.
 */
const MOST_CHUNK_BYTES = 64 * 1024 * 1024;

const FORMS = ["text", "bytes"] as const;

export interface FilesOptions<Form extends "text" | "bytes" | undefined> {
  /** The content that the item holds: the file's text or bytes. By default neither: it is read on demand. */
  readonly as?: Form;
}

/**
 * Each file is an item: files named on the command line, files that match a glob, and all files below a
 * directory, without hidden and unfinished files and `node_modules`, ordered by path. A path that cannot be
 * read, and a file that was removed or changed after the batch was planned, is a failed item.
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

/** The one source of a batch: its size is the number of files. */
function listOf({ name, version, size }: Source): ListObject {
  return { name, version, count: size };
}

/** The end of the chunk that begins with file `start`. A chunk has at least one file. */
async function endOfChunk(
  markOf: ReturnType<typeof listIndex>,
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
  let markOf: ReturnType<typeof listIndex> | null = null;
  return {
    async next(size) {
      for (
        let list = sources[number];
        list !== undefined;
        list = sources[++number], start = 0, markOf = null
      ) {
        if (start >= list.size) continue;
        markOf ??= listIndex(listOf(list), store);
        const range = { source: number, start, end: await endOfChunk(markOf, list, start, size) };
        start = range.end;
        return range;
      }
      return null;
    },
    close: async () => {},
  };
}

/** `key`: the number of the file in the list. */
function positionOf(file: Source, key: number): RecordPosition {
  return { source: file.label, offset: 0, line: null, raw: file.label, key };
}

/** The item, or the reason why there is none. Throws errors that may pass: the chunk is then retried. */
async function wholeFile(file: Source, key: number, store: ObjectStore, form: Json): Promise<Records> {
  const again = async (): Promise<unknown> => (await wholeFile(file, key, store, form)).values[0];
  const record = { lines: null, locate: () => positionOf(file, key), again };
  if (file.problem !== undefined) return { ...record, values: [undefined], unreadable: problemsOf([file]) };
  try {
    const bytes = await bytesOf(blocksOf(file, store), file);
    const content = form === "text" ? { text: textOf(bytes) } : { bytes };
    return { ...record, values: [{ ...factsOf(file), ...content }], unreadable: null };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError) || thrown.retryable) throw thrown;
    return { ...record, values: [undefined], unreadable: new Map([[0, unreadable(thrown.message)]]) };
  }
}

/** The paths that were found and cannot be read. */
function problemsOf(listed: readonly Source[]): Records["unreadable"] {
  const problems = listed.flatMap(({ problem }, index) =>
    problem === undefined ? [] : [[index, unreadable(problem)] as const],
  );
  return problems.length === 0 ? null : new Map(problems);
}

async function* read({ source, range, options, store, signal }: ReadRequest): AsyncGenerator<Records> {
  const listed = await listedSources(listOf(source), range, store);
  const form = options["as"] ?? null;
  if (form === null) {
    const values = listed.map((file) =>
      file.problem === undefined ? fileItem(file, store, signal) : undefined,
    );
    const fileAt = (index: number): Source => listed[index] ?? source;
    const locate = (index: number): RecordPosition => positionOf(fileAt(index), range.start + index);
    const again = (index: number): unknown => fileItem(fileAt(index), store, signal);
    yield { values, unreadable: problemsOf(listed), lines: null, locate, again };
    return;
  }
  for (const [index, file] of listed.entries()) {
    const { values, ...records } = await wholeFile(file, range.start + index, store, form);
    const held = [...values];
    yield { ...records, values: held };
    // The consumer has taken this item when it asks for the next. Results that wait for their turn keep the
    // position, not the content.
    held.fill(undefined);
  }
}

async function origin({ range: { start } }: ReadRequest): Promise<Origin> {
  return { items: start, lines: null };
}

export const filesKind: ReaderKind = { unit: "items", indexed: true, cut, origin, read };
