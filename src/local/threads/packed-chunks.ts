/** Chunks, and what became of them, as plain numbers: so they travel between threads. */
import { kindOf } from "../../core/records/message.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { withDamaged } from "../../core/records/totals.ts";
import type { Done } from "../../core/protocol/task.ts";

/** Chunks as plain numbers. The fields that few chunks have are kept apart. */
export interface PackedChunks {
  readonly numbers: Float64Array;
  /** By the place of the chunk; `null` if none has any. */
  readonly extras: ReadonlyMap<number, ChunkExtras> | null;
}

type ChunkExtras = Pick<ChunkMessage, "run" | "spool" | "crc" | "former" | "fresh">;

const CHUNK_NUMBERS = 7;
/** In the place of the number of a part: it is a chunk, or a hedge of one. */
const NO_PART = -1;
const HEDGE = -2;

export function packChunks(chunks: readonly ChunkMessage[]): PackedChunks {
  const numbers = new Float64Array(chunks.length * CHUNK_NUMBERS);
  let extras: Map<number, ChunkExtras> | null = null;
  let at = 0;
  let place = 0;
  for (const message of chunks) {
    const { chunk, source, start, end, generation, attempt, run, spool, former, fresh } = message;
    numbers[at++] = chunk;
    numbers[at++] = source;
    numbers[at++] = start;
    numbers[at++] = end;
    numbers[at++] = generation;
    numbers[at++] = attempt;
    numbers[at++] = placeOf(message);
    if (run || spool || fresh || former !== undefined) (extras ??= new Map()).set(place, extrasOf(message));
    place++;
  }
  return { numbers, extras };
}

function placeOf(message: ChunkMessage): number {
  if (message.kind === "part") return message.part;
  return message.kind === "hedge" ? HEDGE : NO_PART;
}

function extrasOf({ run, spool, crc, former, fresh }: ChunkMessage): ChunkExtras {
  const marks = {
    ...(former === undefined ? {} : { former }),
    ...(fresh ? { fresh } : {}),
    ...(run ? { run } : {}),
  };
  if (!spool) return marks;
  return crc === undefined ? { spool, ...marks } : { spool, crc, ...marks };
}

export function unpackChunks(batch: string, { numbers, extras }: PackedChunks): ChunkMessage[] {
  const chunks: ChunkMessage[] = [];
  let at = 0;
  const next = (): number => numbers[at++] ?? 0;
  while (at < numbers.length) {
    const chunk = next();
    const source = next();
    const start = next();
    const end = next();
    const generation = next();
    const attempt = next();
    const part = next();
    const extra = extras?.get(chunks.length);
    if (part === NO_PART && extra === undefined) {
      // Nearly all are such: a literal without a spread.
      chunks.push({ kind: "chunk", batch, generation, chunk, attempt, source, start, end });
      continue;
    }
    const common = { batch, generation, chunk, attempt, source, start, end, ...extra };
    if (part >= 0) chunks.push({ kind: "part", part, ...common });
    else chunks.push({ kind: part === HEDGE ? "hedge" : kindOf(common), ...common });
  }
  return chunks;
}

const DONE_NUMBERS = 11;
/** In the place of the time that a chunk was open: it had its thread to itself. */
const NOT_SHARED = -1;

export function packDone(done: readonly Done[]): Float64Array {
  const numbers = new Float64Array(done.length * DONE_NUMBERS);
  let at = 0;
  for (const { child, part = NO_PART, totals, tookMs = NOT_SHARED } of done) {
    numbers[at++] = child;
    numbers[at++] = part;
    numbers[at++] = totals.chunks;
    numbers[at++] = totals.lost;
    numbers[at++] = totals.broken;
    numbers[at++] = totals.succeeded;
    numbers[at++] = totals.failed;
    numbers[at++] = totals.units;
    numbers[at++] = totals.ms;
    numbers[at++] = totals.damaged ?? 0;
    numbers[at++] = tookMs;
  }
  return numbers;
}

export function unpackDone(numbers: Float64Array): Done[] {
  const done: Done[] = [];
  let at = 0;
  const next = (): number => numbers[at++] ?? 0;
  while (at < numbers.length) {
    const child = next();
    const part = next();
    const chunks = next();
    const lost = next();
    const broken = next();
    const succeeded = next();
    const failed = next();
    const units = next();
    const ms = next();
    const totals = withDamaged({ chunks, lost, broken, succeeded, failed, units, ms }, next());
    const tookMs = next();
    const one = part === NO_PART ? { child, totals } : { child, part, totals };
    done.push(tookMs === NOT_SHARED ? one : { ...one, tookMs });
  }
  return done;
}
