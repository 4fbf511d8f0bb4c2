/** The chunks of a batch as an endpoint gives them, and the bytes behind their signed URLs. */
import {
  bareBatch,
  bareChunk,
  pulledBatch,
  pulledChunk,
  pulledSource,
} from "../batch/pulled/pulled-shape.ts";
import type { PulledBatch, PulledChunk, PulledSource } from "../batch/pulled/pulled-chunk.ts";
import { count, list, maybe, object, text, where } from "../core/json/shape.ts";
import type { JsonObject } from "../core/json/json.ts";
import type { PulledPage, PulledPart } from "../door/fanjoin.ts";
import { notFanjoin } from "./http/answer.ts";
import type { Base } from "./base.ts";

/** Reads the bytes `start` up to `end` (exclusive) behind a signed URL. */
export type ReadSigned = (url: string, start: number, end: number) => AsyncIterable<Uint8Array>;

interface SignedChunk extends PulledChunk {
  readonly bytes: { readonly url: string; readonly start: number; readonly end: number } | null;
}

interface ChunksAnswer extends PulledBatch {
  readonly sources: readonly PulledSource[];
  readonly chunks: readonly SignedChunk[];
  readonly cursor: string | null;
}

const signed = object({ bytes: maybe(object({ url: text, start: count, end: count })) });
const answer = object({
  sources: list(pulledSource),
  chunks: list(where((value) => pulledChunk(value) === null && signed(value) === null)),
  cursor: maybe(text),
});

/** Throws `ENDPOINT_UNUSABLE`. */
export function pulledPage(
  document: JsonObject,
  base: Base,
  read: ReadSigned,
): PulledPage & { readonly cursor: string | null } {
  const wrong = pulledBatch(document) ?? answer(document);
  if (wrong !== null) throw notFanjoin(base, `its list of chunks has another form at ${wrong.slice(1)}`);
  const { sources, chunks, cursor, ...of } = document as unknown as ChunksAnswer;
  return { of: bareBatch(of), sources, chunks: chunks.map((chunk) => part(chunk, base, read)), cursor };
}

function part(chunk: SignedChunk, base: Base, read: ReadSigned): PulledPart {
  const { bytes, text: own } = chunk;
  if ((bytes?.end ?? 0) - (bytes?.start ?? 0) !== (own?.bytes ?? 0))
    throw notFanjoin(base, `the bytes of chunk ${chunk.chunk} are not as many as it says`);
  return {
    ...bareChunk(chunk),
    read: () => (bytes ? read(bytes.url, bytes.start, bytes.end) : nothing()),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
