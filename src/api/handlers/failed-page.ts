/**
 * `GET /batches/{batch}/failed?group=&after=&limit=`: failed items in pages, of one group or of all. While
 * the batch runs, they are those of the chunks that are settled.
 */
import { failedLineText, parseFailedLine } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import { inGroups, isGroupId } from "../../core/failures/group-id.ts";
import type { Fields } from "../../core/records/record.ts";
import { failedSoFar } from "../../outputs/failed-so-far.ts";
import type { FailedPlace } from "../../outputs/failed-so-far.ts";
import { generationOf } from "../../core/records/batch/batch.ts";
import { filesOf } from "../../batch/summary/files.ts";
import type { FailedItemsPage } from "../answers.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { badRequest } from "../problem.ts";

const NAMES = ["group", "after", "limit"] as const;
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** A page reads so much of the list at most: with a group that has few items it may be short. */
const MAX_READ_BYTES = 4 * 1024 * 1024;
/** As long as a Lambda answer can be, escaped. */
const MAX_PAGE_CHARS = 2 * 1024 * 1024;
const LINE_END = 0x0a;

export function isPaged({ query }: ApiRequest): boolean {
  return NAMES.some((name) => query[name] !== undefined);
}

interface Wanted {
  readonly isWanted: (line: FailedLine) => boolean;
  /** The cursor of an earlier page; an empty text: from the beginning. */
  readonly after: string;
  readonly limit: number;
}

/** Of a batch that has not ended. Throws `REQUEST_INVALID`. */
export async function failedPageSoFar(
  { ledger, latest = ledger, store, forCallers }: Pick<ApiHost, "ledger" | "latest" | "store" | "forCallers">,
  request: ApiRequest,
  batch: string,
  fields: Fields,
): Promise<ApiResponse> {
  const { after, ...wanted } = wantedBy(request);
  const generation = generationOf(fields);
  const { lines, next } = await failedSoFar(
    { ledger: latest, store },
    { batch, fields },
    { ...wanted, from: chunkAt(after, generation) },
  );
  return json(200, {
    items: lines.map((line) => lineForCallers(line, forCallers)),
    cursor: next && `r${[generation, next.chunk, next.lines].map((one) => one.toString(36)).join("-")}`,
  });
}

/** Throws `REQUEST_INVALID`. */
function chunkAt(cursor: string, generation: number): FailedPlace {
  if (cursor === "") return { chunk: 0, lines: 0 };
  const parts = /^r([0-9a-z]{1,6})-([0-9a-z]{1,8})-([0-9a-z]{1,8})$/.exec(cursor)?.slice(1) ?? [];
  const [of, chunk = 0, lines = 0] = parts.map((part) => Number.parseInt(part, 36));
  if (of === generation) return { chunk, lines };
  throw strangeCursor();
}

/** Of a batch that has ended. Throws `REQUEST_INVALID`. */
export async function failedPage(
  host: Pick<ApiHost, "fileName" | "readList" | "forCallers">,
  request: ApiRequest,
  batch: string,
  fields: Fields,
): Promise<ApiResponse> {
  const list = filesOf(fields)?.failed ?? null;
  const bytes = list?.bytes ?? 0;
  const { after, ...wanted } = wantedBy(request);
  const from = after === "" ? 0 : placeOf(after, bytes);
  const page = list
    ? await read(
        host.readList(host.fileName(batch, "failed", list.name), from, bytes),
        { ...wanted, from },
        bytes,
      )
    : { lines: [], next: null };
  return json(200, {
    items: page.lines.map((line) => lineForCallers(line, host.forCallers)),
    cursor: page.next === null ? null : cursorAt(page.next, bytes),
  } satisfies FailedItemsPage);
}

/** The lines from `wanted.from` on. `next`: where the following page begins. */
async function read(
  content: AsyncIterable<Uint8Array>,
  { isWanted, from, limit }: Omit<Wanted, "after"> & { readonly from: number },
  bytes: number,
): Promise<{ readonly lines: readonly FailedLine[]; readonly next: number | null }> {
  const lines: FailedLine[] = [];
  let at = from;
  let chars = 0;
  for await (const text of linesOf(content)) {
    if (lines.length >= limit || chars > MAX_PAGE_CHARS || at - from > MAX_READ_BYTES)
      return { lines, next: at };
    at += text.length + 1;
    const line = parseFailedLine(text.toString());
    if (!isWanted(line)) continue;
    lines.push(line);
    chars += text.length;
  }
  return { lines, next: at < bytes ? at : null };
}

/** Lines as bytes, without their ends: positions are in bytes. */
async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const block of content) {
    rest = Buffer.concat([rest, block]);
    let begin = 0;
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END, begin)) {
      yield rest.subarray(begin, end);
      begin = end + 1;
    }
    rest = rest.subarray(begin);
  }
}

function wantedBy({ query }: ApiRequest): Wanted {
  for (const name of Object.keys(query)) {
    if (!NAMES.some((known) => known === name))
      throw badRequest(`there is no parameter ${JSON.stringify(name)}: they are ${NAMES.join(", ")}`);
  }
  const { group, after = "", limit = String(DEFAULT_LIMIT) } = query;
  if (group !== undefined && !isGroupId(group))
    throw badRequest(`group must be the id of a group of failures, but is ${JSON.stringify(group)}`);
  const most = Number(limit);
  if (!/^\d+$/.test(limit) || most < 1 || most > MAX_LIMIT)
    throw badRequest(`limit must be a whole number from 1 to ${MAX_LIMIT}, but is ${JSON.stringify(limit)}`);
  const isWanted = group === undefined ? () => true : inGroups([group]);
  return { isWanted, after, limit: most };
}

/** The size tells a list from that of a redrive. */
function cursorAt(place: number, bytes: number): string {
  return `${place.toString(36)}-${bytes.toString(36)}`;
}

function placeOf(cursor: string, bytes: number): number {
  const [, place = "", size = ""] = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  const at = Number.parseInt(place, 36);
  if (size === bytes.toString(36) && at <= bytes) return at;
  throw strangeCursor();
}

/** The list of a batch that has ended, or was redriven, is another one. */
function strangeCursor(): ReturnType<typeof badRequest> {
  return badRequest("after does not come from an earlier page of this list: leave it out to begin anew");
}

/** The line with every text of its error rewritten: it may name files of the host's machine. */
export function lineForCallers(line: FailedLine, forCallers: (message: string) => string): FailedLine {
  const error: unknown = JSON.parse(JSON.stringify(line.error), (_key, value: unknown) =>
    typeof value === "string" ? forCallers(value) : value,
  );
  return { ...line, error: error as FailedLine["error"] };
}

export function lineTextForCallers(text: string, forCallers: (message: string) => string): string {
  return failedLineText(lineForCallers(parseFailedLine(text), forCallers));
}
