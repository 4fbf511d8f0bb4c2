/** The input of a chunk that was pulled from another batch: its bytes are where they were in their source. */
import type { PulledSource, Reproduction } from "../../batch/pulled/pulled-chunk.ts";
import { inPieces, piecesOf } from "../../core/records/pulled-text.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import { readingOf, unreadableKind } from "../../input/cut/spooled.ts";
import { runFrom } from "../../core/records/source-run.ts";
import { hasText, runReading } from "../../input/runs/run-records.ts";
import { derivedStore } from "../../input/reads/derived-store.ts";
import type { ReaderKind, ReadRequest } from "../../input/reader.ts";
import { asText } from "../../input/unpack/source-text.ts";
import type { ObjectStore } from "../../ports.ts";
import type { AttemptContext } from "./attempt-context.ts";

/** The reader of a chunk, and its request. `request` is that of a chunk that was not pulled. */
export function inputOf(
  { spec: { reproduces }, message }: Pick<AttemptContext, "spec" | "message">,
  kind: ReaderKind,
  request: ReadRequest,
): ChunkReading {
  const place = reproduces?.chunks[message.chunk];
  if (!reproduces || !place) return readingOf(kind, request, message);
  return pulledReading(kind, request, place, reproduces.sources[message.source]);
}

type PulledPlace = Reproduction["chunks"][number];

function pulledReading(
  kind: ReaderKind,
  request: ReadRequest,
  place: PulledPlace,
  source: PulledSource | undefined,
): ChunkReading {
  if (source === undefined) throw new RangeError(`chunk ${place.chunk} is of a source that was not pulled`);
  const { damage, spooled, before } = place;
  const whole = { ...request.source, size: source.size };
  const store = pulledStore(request, place, Buffer.from(source.head, "base64"));
  if (place.whole && hasText(kind)) {
    const { options, signal } = request;
    const { start, end } = runFrom(0, { sources: 1, bytes: source.size });
    return runReading(
      { kind, options, store, ...(signal ? { signal } : {}) },
      { source: place.source, start, end, at: () => whole },
    );
  }
  const reading = { ...request, store, source: spooled ? asText(whole) : whole, exact: spooled };
  const here = { ...kind, origin: () => before };
  if (damage === undefined) return { kind: here, request: reading };
  const text = place.text && { name: whole.name, offset: 0, length: place.end, base: 0 };
  const unreadable = unreadableKind(kind, text, damage);
  return { kind: { ...unreadable, origin: () => before }, request: reading };
}

/** A reader of pieces reads beyond what it needs: a gap of so many bytes is zeros. */
const MOST_ZEROS = 2 * 1024 * 1024;

/**
 * A store in which the source has its beginning and the text of this chunk, at their offsets. A read ends
 * where there is a gap.
 */
function pulledStore(
  { source: { name }, store }: ReadRequest,
  { text, offset }: PulledPlace,
  head: Buffer,
): ObjectStore {
  async function* read(start: number, end: number, version?: string): AsyncGenerator<Uint8Array> {
    let from = start;
    if (from < head.length) {
      yield head.subarray(from, Math.min(end, head.length));
      from = head.length;
    }
    const most = text !== null && inPieces(text) ? MOST_ZEROS : 0;
    let held = offset;
    for (const { at, bytes } of piecesOf(text)) {
      const gap = Math.min(end, at) - from;
      if (gap > most) return;
      if (gap > 0) yield Buffer.alloc(gap);
      from = Math.max(from, Math.min(end, at));
      const to = Math.min(end, at + bytes);
      if (to > from) yield* store.read(name, held + from - at, held + to - at, version);
      from = Math.max(from, to);
      if (from >= end) return;
      held += bytes;
    }
  }
  return derivedStore(store, (wanted, start, end, version) =>
    wanted === name ? read(start, end, version) : store.read(wanted, start, end, version),
  );
}
