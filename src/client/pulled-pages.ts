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
import { bytesOfText } from "../core/records/pulled-text.ts";
import { isObject } from "../core/json/json.ts";
import type { JsonObject } from "../core/json/json.ts";
import type { ByteRange } from "../input/reader.ts";
import type { PulledPage, PulledPart } from "../door/fanjoin.ts";
import { notFanjoin } from "./http/answer.ts";
import type { Base } from "./base.ts";

/** Reads the bytes `start` up to `end` (exclusive) behind a signed URL. */
export type ReadSigned = (url: string, start: number, end: number) => AsyncIterable<Uint8Array>;

interface SignedChunk extends PulledChunk {
  readonly bytes: SignedBytes | null;
}

/** One range, or several of one object. */
type SignedBytes = { readonly url: string } & (ByteRange | { readonly ranges: readonly ByteRange[] });

interface ChunksAnswer extends PulledBatch {
  readonly sources: readonly PulledSource[];
  readonly chunks: readonly SignedChunk[];
  readonly cursor: string | null;
}

const range = { start: count, end: count };
const oneRange = object({ url: text, ...range });
const ranges = object({ url: text, ranges: list(object(range)) });
const signed = object({
  bytes: maybe((value) => (isObject(value) && "ranges" in value ? ranges(value) : oneRange(value))),
});
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
  const wanted = bytes === null ? [] : "ranges" in bytes ? bytes.ranges : [bytes];
  if (wanted.reduce((sum, { start, end }) => sum + end - start, 0) !== bytesOfText(own))
    throw notFanjoin(base, `the bytes of chunk ${chunk.chunk} are not as many as it says`);
  return {
    ...bareChunk(chunk),
    async *read() {
      for (const { start, end } of wanted) if (bytes) yield* read(bytes.url, start, end);
    },
  };
}
