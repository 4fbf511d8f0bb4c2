/** The input of a test, item by item, and chunks of any sizes that are made of these items. */
import type { Json } from "../../core/json/json.ts";
import type { Spool } from "../../core/records/message.ts";
import type { Cut, PlanEntry, PlannedRange } from "../../core/records/plan.ts";
import type { NextChunks } from "../../core/chunk-size.ts";
import { AS_DATA, jsonProblem } from "../../core/json/strict-json.ts";
import { sourcesOf } from "../../batch/sources.ts";
import { cutEntries } from "../../input/cut/plan-entries.ts";
import { readingOf } from "../../input/cut/spooled.ts";
import { readerKinds } from "../../input/kinds.ts";
import { runnerFor } from "../run-batch.ts";
import type { PreparedBatch } from "../prepare-batch.ts";
import { SILENT } from "../silent-log.ts";

/** The chunk of one item. */
export interface SingleItem {
  readonly range: PlannedRange;
  readonly spool?: Spool;
}

/** One item in each chunk. */
const SINGLY: NextChunks = { count: 100, bytes: Number.MAX_SAFE_INTEGER, items: 1 };

/**
 * Cuts the input with the job's reader. Spools are written beside the input. Throws `INPUT_INVALID` where the
 * reader does.
 */
export async function singleItems(batch: PreparedBatch): Promise<SingleItem[]> {
  const { spec, inputs } = batch;
  const { reader, options } = spec.input;
  const sources = sourcesOf(spec.input, inputs);
  const items: SingleItem[] = [];
  const add = ({ ranges, spool }: Cut): void => {
    for (const range of ranges) items.push(spool === undefined ? { range } : { range, spool });
  };
  if (reader === "from") {
    const runner = runnerFor(batch, inputs, { log: SILENT, twice: false });
    let last: PlanEntry | null = null;
    for (let entry = 0; ; entry++) {
      const cut: Cut | null = await runner.plan({ spec, last, next: SINGLY });
      if (cut === null || cut.ranges.length === 0) return items;
      last = { ...cut, entry, first: items.length };
      add(cut);
    }
  }
  const cutter = cutEntries({ kind: readerKinds[reader], sources, options, store: inputs, last: null });
  try {
    for (;;) {
      const cut = await cutter.next(SINGLY);
      if (cut.ranges.length === 0) return items;
      add(cut);
    }
  } finally {
    await cutter.close();
  }
}

/**
 * Chunks of `sizes` items, in order; a chunk of size 0 holds no record. A chunk lies in one source and in one
 * spool, so some are divided.
 */
export function cutsOf(items: readonly SingleItem[], sizes: readonly number[]): Cut[] {
  let at = 0;
  return sizes.flatMap((size) => {
    const from = at;
    at += size;
    return size === 0 ? emptyCut(items, from) : contiguous(items.slice(from, at));
  });
}

function contiguous(items: readonly SingleItem[]): Cut[] {
  const runs: { first: SingleItem; last: SingleItem }[] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run && follows(run.last, item)) run.last = item;
    else runs.push({ first: item, last: item });
  }
  return runs.map(({ first, last }) =>
    first === last ? cutOf(first.range, first) : cutOf(range(first.range, last.range.end), first),
  );
}

function follows(one: SingleItem, next: SingleItem): boolean {
  return (
    one.range.source === next.range.source && one.range.end === next.range.start && one.spool === next.spool
  );
}

/** The checksum is that of one item, so a longer range has none. */
function range({ source, start }: PlannedRange, end: number): PlannedRange {
  return { source, start, end };
}

function cutOf(planned: PlannedRange, { spool }: SingleItem): Cut {
  return spool === undefined ? { ranges: [planned] } : { ranges: [planned], spool };
}

/** A chunk within a long record holds no record either. */
function emptyCut(items: readonly SingleItem[], at: number): Cut[] {
  const item = items[at] ?? items.at(-1);
  // A part that cannot be read is an item whatever its range is.
  if (item === undefined || item.spool?.damage !== undefined) return [];
  const place = at < items.length ? item.range.start : item.range.end;
  return [cutOf(range({ ...item.range, start: place }, place), item)];
}

/** The items before the job's schema. `null` if one of them cannot be read, or is more than JSON. */
export async function rawItems(
  { spec, inputs }: PreparedBatch,
  items: readonly SingleItem[],
): Promise<readonly Json[] | null> {
  const { reader, options } = spec.input;
  const sources = sourcesOf(spec.input, inputs);
  const raw: Json[] = [];
  for (const { range: planned, spool } of items) {
    const source = await sources.at(planned.source);
    if (source === undefined) return null;
    const message = spool === undefined ? {} : { spool };
    const request = { source, range: planned, options, store: inputs };
    const { kind, request: reading } = readingOf(readerKinds[reader], request, message);
    for await (const { values, unreadable } of kind.read(reading)) {
      if (unreadable !== null && unreadable.size > 0) return null;
      if (jsonProblem(values, AS_DATA) !== null) return null;
      raw.push(...(values as readonly Json[]));
    }
  }
  return raw;
}
