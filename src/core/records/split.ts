/**
 * A split: the record of a chunk that was cut. It is a node one level below the leaves, whose children are
 * the chunk's parts, and whose parent is the chunk's place in its leaf.
 *
 * The record says where each part starts (`s0`, `s1`, …). A part ends where the next start begins, or at
 * `end`: so the parts tile the chunk at all times. A part without a tag keeps its range. A part that is cut
 * again does not nest: it gets a tag for what is done, and the rest become further parts of the same record.
 *
 * Parts count items only. Whether the chunk counts as settled or left out follows from the record as a whole,
 * once the split is final.
 */
import { isFresh } from "./message.ts";
import type { ChunkMessage, PartMessage } from "./message.ts";
import { create } from "./record.ts";
import type { Fields, Update } from "./record.ts";
import type { Json } from "../json/json.ts";
import { FAN_IN, NodeView, SPLIT_LEVEL, childField, nodeKey, numberOr } from "./tree.ts";
import { NO_TOTALS, subtractTotals } from "./totals.ts";
import type { NodeId } from "./tree.ts";
import type { Totals } from "./totals.ts";

/** The most parts of one chunk: a record of some 20 KB. The name of the 821st part would be `ms`, a total. */
export const MAX_PARTS = 800;

/**
 * A part of a cut, in order of start. It ends where the next one begins. The first part of a part has to be
 * done, so that nobody else's work on that part counts any more: it is empty if nothing of it is done.
 */
export interface CutRange {
  readonly start: number;
  /** The attempt has finished it, and kept its contribution. */
  readonly done: boolean;
  /** Of a part that is not done: the attempt has kept what the part came to before. */
  readonly redone?: true;
  /** Of a part that is not done: it has to wait. The record does not keep it. */
  readonly later?: Later;
}

/** When a part should run, in milliseconds since the epoch, and how long its items have waited before. */
export interface Later {
  readonly at: number;
  readonly waitedMs: number;
}

/** The outcome of an attempt that did not finish its chunk or part. */
export interface ChunkCut {
  readonly message: ChunkMessage;
  /** The first begins where the message does. That of a part which is cut again is done. */
  readonly ranges: readonly CutRange[];
  /** What the done ranges add, together. */
  readonly totals: Totals;
}

export function splitOf({
  batch,
  generation,
  chunk,
}: Pick<ChunkMessage, "batch" | "generation" | "chunk">): NodeId {
  return { batch, generation, level: SPLIT_LEVEL, index: chunk };
}

const startField = (part: number): string => `s${part.toString(36)}`;
/** The tag that holds what a part came to before. */
const formerField = (part: number): string => `t${part.toString(36)}`;

/** Reads the record of a split. */
export class SplitView extends NodeView {
  readonly end: number;
  /** The chunk had a value before, under this tag. An incomplete split does not take its place. */
  readonly redone: string | null;
  /** What the chunk is counted as already: as left out, or as settled. */
  readonly was: "lost" | "whole" | null;
  /** The parts that a redrive has not done again. `null`: it is none that was laid over another. */
  readonly kept: ReadonlySet<number> | null;

  constructor(fields: Fields) {
    super(fields, 0);
    const { redone, was, kept } = fields;
    this.end = numberOr(fields["end"], 0);
    this.redone = typeof redone === "string" ? redone : null;
    this.was = was === "lost" || was === "whole" ? was : null;
    this.kept = typeof kept === "string" ? new Set(kept === "" ? [] : kept.split(",").map(Number)) : null;
  }

  /** Without parts that are missing, or without a value that they would replace. */
  get mayEnd(): boolean {
    return this.full || this.redone === null;
  }

  startOf(part: number): number {
    return numberOr(this.fields[startField(part)], this.end);
  }

  endOf(part: number): number {
    const start = this.startOf(part);
    let end = this.end;
    for (let other = 0; other < this.expects; other++) {
      const next = this.startOf(other);
      // Nothing of it was done when it was cut again.
      if (next === start && other > part) return start;
      if (next > start && next < end) end = next;
    }
    return end;
  }

  formerOf(part: number): string | null {
    const former = this.fields[formerField(part)];
    return typeof former === "string" ? former : null;
  }

  /** The parts in the order of their starts. */
  parts(): number[] {
    const parts = Array.from({ length: this.expects }, (_, part) => part);
    return parts.toSorted((a, b) => this.startOf(a) - this.startOf(b));
  }

  /** An incomplete split has a partial in any case, which names the split. */
  override get empty(): boolean {
    return this.full && super.empty;
  }

  override totals(): Totals {
    const { chunks: _chunks, lost: _lost, ...rest } = super.totals();
    const is = this.full ? "whole" : "lost";
    const chunks = countOf(is, "whole") - countOf(this.was, "whole");
    const lost = countOf(is, "lost") - countOf(this.was, "lost");
    return { chunks, lost, ...rest };
  }
}

function countOf(is: SplitView["was"], as: SplitView["was"]): number {
  return is === as ? 1 : 0;
}

/** The view of a node of any level. */
export function viewOf({ level }: NodeId, fields: Fields | null, fanIn: number = FAN_IN): NodeView {
  return level === SPLIT_LEVEL && fields ? new SplitView(fields) : new NodeView(fields, fanIn);
}

/** The counts of items alone: parts are no chunks. */
export function withoutChunks(totals: Totals): Totals {
  return subtractTotals(totals, {
    ...NO_TOTALS,
    chunks: totals.chunks,
    lost: totals.lost,
  });
}

/** The first cut of a chunk. Refused if it was cut before. `tag` is that of the attempt. */
export function cutChunk({ message, ranges, totals }: ChunkCut, tag: string): Update {
  const { former } = message;
  const was = former === undefined ? "lost" : "whole";
  const before = isFresh(message) ? {} : { was, ...(former === undefined ? {} : { redone: former }) };
  const numbers = ranges.map((_, part) => part);
  const made = fieldsOf(ranges, numbers, tag);
  const settled = ranges.filter(({ done }) => done).length;
  const counts = Object.fromEntries(Object.entries(withoutChunks(totals)));
  const fields = { end: message.end, expects: ranges.length, ...before, ...made, ...counts, settled };
  return create(nodeKey(splitOf(message)), fields);
}

/**
 * Cuts a part. Refused if it has a tag, if the split is sealed, or if the split has got more parts than
 * `expects` meanwhile.
 */
export function cutPart(
  message: PartMessage,
  { ranges, totals }: ChunkCut,
  tag: string,
  expects: number,
): Update {
  const numbers = ranges.map((_, place) => (place === 0 ? message.part : expects + place - 1));
  return {
    key: nodeKey(splitOf(message)),
    when: [
      { is: "absent", field: "sealed" },
      { is: "absent", field: childField(message.part) },
      { is: "equal", field: "expects", value: expects },
    ],
    set: { ...fieldsOf(ranges, numbers, tag), expects: expects + ranges.length - 1 },
    add: { settled: ranges.filter(({ done }) => done).length, ...withoutChunks(totals) },
  };
}

function fieldsOf(ranges: readonly CutRange[], numbers: readonly number[], tag: string): Fields {
  const fields: { [name: string]: Json } = {};
  for (const [place, { start, done, redone }] of ranges.entries()) {
    const part = numbers[place] ?? 0;
    const next = ranges[place + 1];
    fields[startField(part)] = start;
    // Parts are found by their starts. Of an empty part nothing is to be found.
    if (done) fields[childField(part)] = next?.redone && next.start === start ? `-${tag}` : tag;
    else if (redone) fields[formerField(part)] = tag;
  }
  return fields;
}

/** Seals a split, if there is one. No part of it is counted afterwards. */
export function sealSplit(split: NodeId): Update {
  return { key: nodeKey(split), when: [{ is: "existing" }], set: { sealed: true }, add: {} };
}

/**
 * Lays a split of a new generation over a closed one. `redo` are the parts to do again; all others keep their
 * tags. `tag` is the one that the chunk was settled with.
 */
export function layOverSplit(
  split: NodeId,
  closed: SplitView,
  redo: ReadonlySet<number>,
  tag: string,
): Update {
  const was = closed.full ? "whole" : "lost";
  const fields: { [name: string]: Json } = { end: closed.end, expects: closed.expects, was, redone: tag };
  const kept: number[] = [];
  for (const part of closed.parts()) {
    fields[startField(part)] = closed.startOf(part);
    const previous = closed.tag(part);
    if (previous === null) continue;
    if (redo.has(part)) fields[formerField(part)] = previous;
    else {
      fields[childField(part)] = previous;
      kept.push(part);
    }
  }
  return create(nodeKey(split), { ...fields, settled: kept.length, kept: kept.join(",") });
}

/**
 * The messages of the parts without a tag that begin within the range of `message`, as the record says them.
 */
export function openParts(view: SplitView, message: ChunkMessage): PartMessage[] {
  const { batch, generation, chunk, source, run, spool } = message;
  const open = view.parts().filter((part) => {
    const start = view.startOf(part);
    return view.tag(part) === null && start >= message.start && start < message.end;
  });
  return open.map((part) => {
    const former = view.formerOf(part);
    const range = { source, start: view.startOf(part), end: view.endOf(part) };
    return {
      kind: "part",
      batch,
      generation,
      chunk,
      part,
      attempt: 1,
      ...range,
      ...(run ? { run } : {}),
      ...(spool ? { spool } : {}),
      ...(former === null ? {} : { former }),
    };
  });
}
