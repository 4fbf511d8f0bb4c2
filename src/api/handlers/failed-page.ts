/** `GET /batches/{batch}/failed?group=&after=&limit=`: failed items in pages, of one group or of all. */
import { failedLineText, parseFailedLine } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import { inGroups, isGroupId } from "../../core/failures/group-id.ts";
import type { Fields } from "../../core/records/record.ts";
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
  readonly from: number;
  readonly limit: number;
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
  const wanted = wantedBy(request, bytes);
  const page = list
    ? await read(host.readList(host.fileName(batch, "failed", list.name), wanted.from, bytes), wanted, bytes)
    : { lines: [], next: null };
  return json(200, {
    items: page.lines.map((line) => lineForCallers(line, host.forCallers)),
    cursor: page.next === null ? null : cursorAt(page.next, bytes),
  } satisfies FailedItemsPage);
}

/** The lines from `wanted.from` on. `next`: where the following page begins. */
async function read(
  content: AsyncIterable<Uint8Array>,
  { isWanted, from, limit }: Wanted,
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

function wantedBy({ query }: ApiRequest, bytes: number): Wanted {
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
  return { isWanted, from: after === "" ? 0 : placeOf(after, bytes), limit: most };
}

/** The size tells a list from that of a redrive. */
function cursorAt(place: number, bytes: number): string {
  return `${place.toString(36)}-${bytes.toString(36)}`;
}

function placeOf(cursor: string, bytes: number): number {
  const [, place = "", size = ""] = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  const at = Number.parseInt(place, 36);
  if (size === bytes.toString(36) && at <= bytes) return at;
  throw badRequest("after does not come from an earlier page of this list: leave it out to begin anew");
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
