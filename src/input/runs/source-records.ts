/**
 * One small source, read as a whole: its bytes are fetched at once, and its text is cut and spooled in memory
 * as a planner does it. So it has the items, the positions and the failed items that it would have alone.
 */
import type { ObjectStore, ObjectWriter } from "../../ports.ts";
import { cutEntries } from "../cut/plan-entries.ts";
import { readingOf } from "../cut/spooled.ts";
import type { ChunkReading } from "../cut/spooled.ts";
import { derivedStore } from "../reads/derived-store.ts";
import type { ReadRequest, ReaderKind, Records, Source, TextKind } from "../reader.ts";
import { isUnreadable } from "../unpack/damage.ts";
import { textOf } from "../unpack/source-text.ts";

/** The reader of a run, and what it reads. */
export interface RunRequest extends Pick<ReadRequest, "options" | "store" | "signal"> {
  readonly kind: ReaderKind & { readonly text: TextKind };
}

/** Some items of a source, and how many items and lines of it come before them. */
export interface SourceRecords {
  readonly records: Records;
  readonly items: number;
  readonly lines: number | null;
  /** The source is damaged, and items that count are in doubt. */
  readonly inDoubt: boolean;
}

/** All that is cut at once. */
const WHOLE = { count: 1000, bytes: Number.MAX_SAFE_INTEGER, items: null };

const BLOCK_BYTES = 64 * 1024;

/** The bytes of a source. Throws what the store throws. */
export async function bytesOfSource({ name, size, version }: Source, store: ObjectStore): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of store.read(name, 0, size, version)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** `bytes`: those of the source. */
export async function* sourceRecords(
  request: RunRequest,
  source: Source,
  bytes: Buffer,
): AsyncGenerator<SourceRecords> {
  const held = { ...request, store: memoryOver(request.store, source, bytes) };
  const plain = await plainReading(held, source);
  if (plain === null) return;
  let items = 0;
  let lines: number | null = 0;
  for await (const { reading, inDoubt } of plain ? [{ reading: plain, inDoubt: false }] : cut(held, source)) {
    const origin = await reading.kind.origin(reading.request);
    if (origin !== null) {
      items = origin.items ?? 0;
      ({ lines } = origin);
    }
    for await (const records of reading.kind.read(reading.request)) {
      yield { records, items, lines, inDoubt };
      items += records.values.length;
      lines = lines === null || records.lines === null ? null : lines + records.lines;
    }
  }
}

/** How many items a source has: a part that cannot be read is one. */
export async function itemsInSource(request: RunRequest, source: Source, bytes: Buffer): Promise<number> {
  let items = 0;
  for await (const { records } of sourceRecords(request, source, bytes)) items += records.values.length;
  return items;
}

/** The whole source, if it is plain text; `null` if it has no items, `false` if it has to be cut. */
async function plainReading(
  { kind, options, store, signal }: RunRequest,
  source: Source,
): Promise<ChunkReading | null | false> {
  try {
    if ((await textOf({ source, options, store, text: kind.text })) !== null) return false;
    const start = await kind.text.format(options).firstRecord(source, store);
    if (start >= source.size) return null;
    const range = { source: 0, start, end: source.size };
    return { kind, request: { source, range, options, store, ...(signal ? { signal } : {}) } };
  } catch (thrown) {
    if (isUnreadable(thrown)) return false;
    throw thrown;
  }
}

async function* cut(
  { kind, options, store, signal }: RunRequest,
  source: Source,
): AsyncGenerator<{ readonly reading: ChunkReading; readonly inDoubt: boolean }> {
  const cutter = cutEntries({ kind, sources: [source], among: true, options, store, last: null });
  try {
    for (;;) {
      const { ranges, spool } = await cutter.next(WHOLE);
      if (ranges.length === 0) return;
      for (const { start, end } of ranges) {
        const range = { source: 0, start, end };
        const request = { source, range, options, store, ...(signal ? { signal } : {}) };
        const reading = readingOf(kind, request, spool === undefined ? {} : { spool });
        yield { reading, inDoubt: spool?.inDoubt === true };
      }
    }
  } finally {
    await cutter.close();
  }
}

/** A store with the bytes of a source, and with what is spooled of it, in memory. */
function memoryOver(store: ObjectStore, source: Source, bytes: Buffer): ObjectStore {
  const spools = new Map<string, Buffer>();
  const derived = derivedStore(store, (name, start, end, version) => {
    const kept = name === source.name ? bytes : spools.get(name);
    return kept ? once(kept.subarray(start, end)) : store.read(name, start, end, version);
  });
  const { sums: _, ...unsummed } = derived;
  return Object.assign(derived, {
    ...unsummed,
    sums: undefined,
    create: (): ObjectWriter => {
      const written: Uint8Array[] = [];
      return {
        async write(block) {
          written.push(Buffer.from(block as Uint8Array));
        },
        async close() {
          const name = `memory:${spools.size}`;
          const text = Buffer.concat(written);
          spools.set(name, text);
          return { name, offset: 0, length: text.length };
        },
      };
    },
  });
}

/** A copy: who reads JSON puts its elements on lines in place. */
async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  // In blocks: a cutter begins to read anew for every range, and mostly stops early.
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    yield Buffer.from(bytes.subarray(at, at + BLOCK_BYTES));
}
