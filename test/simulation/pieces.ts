/**
 * The pieces that the input of a simulated batch was cut into: chunks, or the parts of chunks that were cut.
 */
import { expect } from "vitest";
import { closedGenerations } from "../../src/core/records/batch/batch.ts";
import type { Contributions } from "../../src/core/records/contribution.ts";
import { parsePartial, partialKey } from "../../src/core/records/contribution.ts";
import { parseEntry } from "../../src/core/records/plan.ts";
import type { PlannedRange } from "../../src/core/records/plan.ts";
import { placeIn } from "../../src/core/records/source-run.ts";
import { SplitView } from "../../src/core/records/split.ts";
import { FAN_IN, LEFT_OUT_TAG, namesNothing, nodeKey, NodeView } from "../../src/core/records/tree.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import type { Row } from "./input.ts";

/** A chunk, or a part of one. */
export interface Piece extends PlannedRange {
  readonly chunk: number;
  /** It counts. */
  readonly settled: boolean;
}

/** What became of the chunks of a plan. */
export interface Pieces {
  /** In the order of the input. */
  readonly pieces: readonly Piece[];
  /** Chunks that count as settled, and as left out. */
  readonly chunks: number;
  readonly lost: number;
  /** Chunks that their split has settled. */
  readonly cut: number;
}

/** The pieces of an ended batch, after all its generations. */
export function piecesOf(one: Stage): Pieces {
  const pieces: Piece[] = [];
  let chunks = 0;
  let lost = 0;
  let cut = 0;
  for (const [chunk, range] of planOf(one).entries()) {
    const tag = tagOf(one, chunk);
    const split = splitUnder(one, tag, chunk);
    if (split === null || split.full) chunks += tag === null ? 0 : 1;
    lost += tag === null || split?.full === false ? 1 : 0;
    if (split === null) pieces.push({ ...range, chunk, settled: tag !== null });
    else {
      cut++;
      for (const part of split.parts()) {
        const within = { start: split.startOf(part), end: split.endOf(part) };
        pieces.push({ ...range, ...within, chunk, settled: split.tag(part) !== null });
      }
    }
  }
  return { pieces, chunks, lost, cut };
}

/** The tag of a chunk in the newest generation that has one; `null`: no generation has settled it. */
function tagOf(one: Stage, chunk: number): string | null {
  for (const generation of closedGenerations(one.batch())) {
    const leaf = { batch: BATCH, generation, level: 0, index: Math.floor(chunk / FAN_IN) };
    const fields = one.ledger.records.get(nodeKey(leaf)) ?? null;
    const tag = new NodeView(fields, FAN_IN).tag(chunk % FAN_IN);
    if (tag !== null) return tag === LEFT_OUT_TAG ? null : tag;
  }
  return null;
}

/** The split that a chunk's contribution under `tag` was merged from; `null`: the chunk was not cut. */
export function splitUnder(one: Stage, tag: string | null, chunk: number): SplitView | null {
  if (tag === null || namesNothing(tag)) return null;
  const key = partialKey(BATCH, tag);
  const body = parsePartial(key, one.ledger.records.get(key) ?? null);
  const text =
    "text" in body ? body.text : one.store.text(body.name).slice(body.offset, body.offset + body.length);
  const generation = (JSON.parse(text) as Contributions)[chunk]?.split;
  if (generation === undefined) return null;
  const fields = one.ledger.records.get(nodeKey({ batch: BATCH, generation, level: -1, index: chunk }));
  if (!fields) throw new Error(`the split of chunk ${chunk} is missing`);
  return new SplitView(fields);
}

/** The ranges of all generations. The last record of the plan is an END, which has their number. */
export function planOf(one: Stage): PlannedRange[] {
  const ranges: PlannedRange[] = [];
  for (let entry = 0, end: number | null = null; ; entry++) {
    const fields = one.ledger.records.get(`plan/${BATCH}/${String(entry).padStart(8, "0")}`);
    if (!fields) {
      expect(end).toBe(ranges.length);
      return ranges;
    }
    const parsed = parseEntry(entry, fields);
    if ("end" in parsed) end = parsed.end;
    else {
      ranges.push(...parsed.ranges);
      end = null;
    }
  }
}

export function holds(one: Stage, { source, start, end, run }: PlannedRange, row: Row): boolean {
  const { sources } = one.spec.input;
  const within = sources.slice(source, source + (run?.sources ?? 1));
  const number = within.findIndex(({ label }) => label === row.source);
  const place = run === undefined ? row.offset : placeIn(number, row.offset);
  return number >= 0 && place >= start && place < end;
}
