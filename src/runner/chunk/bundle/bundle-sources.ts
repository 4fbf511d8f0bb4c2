/** The sources of a bundle, where those of its batch are a list in the store. */
import type { ChunkMessage } from "../../../core/records/message.ts";
import { sourcesWithin } from "../../../core/records/source-run.ts";
import type { Source } from "../../../input/reader.ts";
import { baseOf } from "../../../input/reads/derived-store.ts";
import { sourcesInList } from "../../../input/sources/sources.ts";
import type { Sources } from "../../../input/sources/sources.ts";
import type { StoredList } from "../../../batch/spec.ts";
import type { ObjectStore } from "../../../ports.ts";
import type { ChunksRequest } from "../../runner.ts";

/** Lists that are remembered, per store. */
const MOST_LISTS = 8;

const lists = new WeakMap<ObjectStore, Map<string, Sources>>();

/**
 * The request with the sources of its chunks in their places; others are missing. A request whose sources are
 * all in the record is as it was.
 */
export function withSources(
  store: ObjectStore,
  request: ChunksRequest,
): ChunksRequest | Promise<ChunksRequest> {
  const { list } = request.spec.input;
  return list === undefined ? request : readSources(listIn(store, list), request);
}

async function readSources(sources: Sources, request: ChunksRequest): Promise<ChunksRequest> {
  const { spec, chunks } = request;
  const found: Source[] = [];
  // An array with holes: nearly all sources of the batch are not asked for.
  found.length = sources.count;
  for (const number of new Set(chunks.flatMap(sourcesRead))) {
    const source = await sources.at(number);
    if (source) found[number] = source;
  }
  return { ...request, spec: { ...spec, input: { ...spec.input, sources: found } } };
}

/** The numbers of the sources that a chunk reads. The first one names the chunk. */
function sourcesRead({ source, start, end, run }: ChunkMessage): number[] {
  if (run === undefined) return [source];
  const { first, count } = sourcesWithin({ start, end });
  return [source, ...Array.from({ length: count }, (_, place) => source + first + place)];
}

/** Neighbouring chunks of later bundles find their sources in what was read. */
function listIn(store: ObjectStore, list: StoredList): Sources {
  const base = baseOf(store);
  const known = lists.get(base) ?? new Map<string, Sources>();
  lists.set(base, known);
  const found = known.get(list.name);
  if (found !== undefined) return found;
  const oldest = known.keys().next();
  if (known.size >= MOST_LISTS && oldest.done !== true) known.delete(oldest.value);
  const sources = sourcesInList(list, base);
  known.set(list.name, sources);
  return sources;
}
