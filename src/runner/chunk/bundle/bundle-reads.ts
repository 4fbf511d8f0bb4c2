/** The reads of a bundle: chunks of one object that lie side by side share requests. */
import type { ChunkMessage } from "../../../core/records/message.ts";
import type { BatchInput } from "../../../batch/spec.ts";
import { readerKinds } from "../../../input/kinds.ts";
import { neighbourReads } from "../../../input/reads/neighbour-reads.ts";
import type { Neighbourhood, NeighbourReads } from "../../../input/reads/neighbour-reads.ts";
import type { ObjectStore } from "../../../ports.ts";
import type { ChunksRequest } from "../../runner.ts";

/** A chunk whose range may end within a line is read on to the end of that line. */
const BEYOND_BYTES = 64 * 1024;

/** `null` where reads are not requests, or where no object is read by ranges. */
export function bundleReads(
  store: ObjectStore,
  { spec, chunks }: Pick<ChunksRequest, "spec" | "chunks">,
): NeighbourReads | null {
  if (store.remote === undefined || spec.reproduces !== undefined) return null;
  const { sources } = spec.input;
  // Nearly all chunks of the embedded engine are local, and `bench chunks` notices what is done for each.
  const isRemote = ({ source, run, spool }: ChunkMessage): boolean =>
    run === undefined && store.remote?.(spool?.name ?? sources[source]?.name ?? "") === true;
  const places = neighbourhoods(spec.input, chunks.filter(isRemote));
  return places.length > 0 ? neighbourReads(store, places) : null;
}

function neighbourhoods(input: BatchInput, chunks: readonly ChunkMessage[]): Neighbourhood[] {
  const places: Neighbourhood[] = [];
  for (const { place, until } of chunks.flatMap((message) => placeOf(input, message) ?? [])) {
    const last = places.at(-1);
    const goesOn = last?.name === place.name && last.version === place.version && last.end >= place.start;
    if (goesOn && last.start <= place.start) places[places.length - 1] = { ...last, end: until };
    else places.push({ ...place, end: until });
  }
  return places;
}

/** Where a chunk is read, and how far a request for it and its neighbours reaches. */
function placeOf(
  { reader, options, sources }: BatchInput,
  { source: number, start, end, spool }: ChunkMessage,
): { readonly place: Neighbourhood; readonly until: number } | null {
  if (spool !== undefined) {
    const shift = spool.offset - spool.base;
    const until = Math.min(end + shift, spool.offset + spool.length);
    return {
      place: { name: spool.name, version: undefined, start: start + shift, end: until },
      until,
    };
  }
  const source = sources[number];
  const { text } = readerKinds[reader];
  if (source === undefined || text === undefined) return null;
  const beyond = text.format(options).anywhere ? BEYOND_BYTES : 0;
  const { name, version, size } = source;
  return { place: { name, version, start, end }, until: Math.min(end + beyond, size) };
}
