/** The bytes of a row group's wanted columns: all of them in memory while they are few, else by windows. */
import { baseOf } from "../reads/derived-store.ts";
import type { ObjectStore } from "../../ports.ts";
import type { ByteRange, Source } from "../reader.ts";
import { Damage } from "../unpack/damage.ts";
import { bytesAt } from "./footer.ts";

/** Up to this, the columns of a row group are held as they are stored. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Columns that lie so close together are read at once: a request costs more. */
const MAX_GAP_BYTES = 1024 * 1024;
/** How much of a column is read at once, if the row group is not held. */
const WINDOW_BYTES = 2 * 1024 * 1024;
/** Reads at the same time. */
const MOST_READS = 8;

export interface GroupBytes {
  /** The bytes from `start` up to `end`. Throws `Damage` if the file ends before. */
  read(start: number, end: number): Promise<Buffer>;
}

/** The row group that was held last in a store: neighbouring chunks may lie in one. */
const newest = new WeakMap<ObjectStore, { readonly key: string; readonly runs: readonly HeldRun[] }>();

interface HeldRun extends ByteRange {
  readonly bytes: Buffer;
}

/** `columns`: where the wanted columns are. */
export async function groupBytes(
  source: Source,
  store: ObjectStore,
  columns: readonly ByteRange[],
): Promise<(column: ByteRange) => GroupBytes> {
  const bytes = columns.reduce((sum, { start, end }) => sum + end - start, 0);
  if (bytes > MAX_HELD_BYTES) return () => windows(source, store);
  const wanted = joined(columns);
  const key = JSON.stringify([source.name, source.version, wanted]);
  const known = newest.get(baseOf(store));
  const runs = known?.key === key ? known.runs : await readRuns(source, store, wanted);
  newest.set(baseOf(store), { key, runs });
  return () => held(runs);
}

/** Ranges that are read at once, in order. */
export function joined(columns: readonly ByteRange[]): ByteRange[] {
  const runs: ByteRange[] = [];
  for (const { start, end } of columns.toSorted((one, other) => one.start - other.start)) {
    const last = runs.at(-1);
    if (last && start - last.end <= MAX_GAP_BYTES)
      runs[runs.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else runs.push({ start, end });
  }
  return runs;
}

async function readRuns(
  source: Source,
  store: ObjectStore,
  wanted: readonly ByteRange[],
): Promise<HeldRun[]> {
  const runs: HeldRun[] = [];
  for (let at = 0; at < wanted.length; at += MOST_READS) {
    const reads = wanted.slice(at, at + MOST_READS).map(async ({ start, end }) => {
      return { start, end, bytes: await wholeBytes(source, store, { start, end }) };
    });
    runs.push(...(await Promise.all(reads)));
  }
  return runs;
}

async function wholeBytes(source: Source, store: ObjectStore, { start, end }: ByteRange): Promise<Buffer> {
  const bytes = await bytesAt({ source, store }, start, end);
  if (bytes.length === end - start) return bytes;
  throw new Damage("the file ends within a column");
}

function held(runs: readonly HeldRun[]): GroupBytes {
  return {
    async read(start, end) {
      const run = runs.find((one) => one.start <= start && end <= one.end);
      if (run === undefined) throw new Damage("a page lies outside of its column");
      return run.bytes.subarray(start - run.start, end - run.start);
    },
  };
}

/** One window for each column. */
function windows(source: Source, store: ObjectStore): GroupBytes {
  let window: HeldRun = { start: 0, end: 0, bytes: Buffer.alloc(0) };
  return {
    async read(start, end) {
      if (start < window.start || end > window.end) {
        const last = Math.max(end, Math.min(start + WINDOW_BYTES, source.size));
        window = { start, end: last, bytes: await wholeBytes(source, store, { start, end: last }) };
      }
      return window.bytes.subarray(start - window.start, end - window.start);
    },
  };
}
