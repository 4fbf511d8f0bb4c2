/** `GET /batches/{batch}/chunks`: what runs the same chunks elsewhere, with signed URLs for their bytes. */
import type { ChunkToPull, StoredBytes, WantedChunks } from "../../batch/pulled/pull-page.ts";
import { inPieces } from "../../core/records/pulled-text.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";

const FILTERS = ["chunk", "failed", "cursor"] as const;
const NUMBER = /^\d{1,15}$/;

export async function showChunks(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: readonly string[],
): Promise<ApiResponse> {
  const batch = batchIn(name);
  const { of, sources, chunks, next } = await host.chunksToPull(batch, wantedBy(request));
  return json(200, {
    ...of,
    sources,
    chunks: await Promise.all(chunks.map(async (chunk) => view(host, batch, chunk))),
    cursor: next === null ? null : String(next),
  });
}

/** Throws `REQUEST_INVALID`. */
function wantedBy({ query }: ApiRequest): WantedChunks {
  for (const name of Object.keys(query)) {
    if (!FILTERS.some((filter) => filter === name))
      throw badRequest(`there is no parameter ${JSON.stringify(name)}: they are ${FILTERS.join(", ")}`);
  }
  const { chunk, failed, cursor } = query;
  if ((chunk === undefined) === (failed === undefined))
    throw badRequest("give either chunk=N, or failed for the chunks with failed items");
  if (chunk !== undefined && cursor !== undefined) throw badRequest("chunk=N is one page: it has no cursor");
  if (failed !== undefined && failed !== "" && failed !== "true")
    throw badRequest(`failed takes no value, but is ${JSON.stringify(failed)}`);
  if (chunk !== undefined) return { chunk: numberIn("chunk", chunk) };
  return { failedFrom: cursor === undefined ? 0 : numberIn("cursor", cursor) };
}

function numberIn(name: string, text: string): number {
  if (NUMBER.test(text)) return Number(text);
  throw badRequest(`${name} must be a whole number, but is ${JSON.stringify(text)}`);
}

async function view(
  host: ApiHost,
  batch: string,
  { stored, damage, ...chunk }: ChunkToPull,
): Promise<object> {
  const options = { type: "application/octet-stream", saveAs: `${batch}-${chunk.chunk}` };
  const bytes = stored && {
    url: await host.signedGet(stored.name, options),
    ...rangesIn(stored, chunk.text),
    ...(stored.crc === undefined ? {} : { crc32: stored.crc }),
  };
  // The reason may name a file of the host's machine.
  const reason = damage === undefined ? {} : { damage: host.forCallers(damage) };
  return { ...chunk, ...reason, bytes };
}

/** A client that knows no pieces finds no range that it could take for the whole. */
function rangesIn({ ranges }: StoredBytes, text: ChunkToPull["text"]): object {
  return text !== null && inPieces(text) ? { ranges } : { ...ranges[0] };
}
