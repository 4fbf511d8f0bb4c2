/**
 * The join tree: who has settled what, exactly once.
 *
 * Leaf node g covers chunks g·F … g·F+F−1, a node one level up covers F nodes. A node is one ledger record:
 * for each settled child the tag of the attempt that settled it (`0`, `1`, … `2r`), how many there are
 * (`settled`), and running totals. Settling is one conditional update that refuses a child twice; its reply
 * shows whether the node is full, and whoever sees a full node takes its next step. That is the whole
 * protocol; `protocol.ts` puts the steps in order.
 */
import { create } from "./record.ts";
import type { Condition, Fields, Update } from "./record.ts";
import type { Json } from "../json.ts";

/**
 * Children per node: with tags of 7 characters a full node stays under DynamoDB's write unit of 1 KB
 * (`test/core/tree.test.ts`).
 */
export const FAN_IN = 100;

export interface NodeId {
  readonly batch: string;
  readonly generation: number;
  /** 0 for the leaves, whose children are chunks. */
  readonly level: number;
  readonly index: number;
}

/**
 * What a chunk or a subtree comes to. `units` are of the reader's measure (bytes or items), `ms` is
 * processing time.
 */
export interface Totals {
  readonly chunks: number;
  /** Chunks that a seal left out. */
  readonly lost: number;
  /** Chunks that were given up as a whole. */
  readonly broken: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly units: number;
  readonly ms: number;
}

export const NO_TOTALS: Totals = {
  chunks: 0,
  lost: 0,
  broken: 0,
  succeeded: 0,
  failed: 0,
  units: 0,
  ms: 0,
};

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    chunks: a.chunks + b.chunks,
    lost: a.lost + b.lost,
    broken: a.broken + b.broken,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    units: a.units + b.units,
    ms: a.ms + b.ms,
  };
}

export function subtractTotals(a: Totals, b: Totals): Totals {
  return {
    chunks: a.chunks - b.chunks,
    lost: a.lost - b.lost,
    broken: a.broken - b.broken,
    succeeded: a.succeeded - b.succeeded,
    failed: a.failed - b.failed,
    units: a.units - b.units,
    ms: a.ms - b.ms,
  };
}

/** Numbers are padded so that keys sort as the tree does. */
export function nodeKey({ batch, generation, level, index }: NodeId): string {
  return `node/${batch}/${generation}/${level}/${String(index).padStart(8, "0")}`;
}

export function leafOf(chunk: number, fanIn: number): number {
  return Math.floor(chunk / fanIn);
}

export function parentOf(node: NodeId, fanIn: number): NodeId {
  return { ...node, level: node.level + 1, index: Math.floor(node.index / fanIn) };
}

/** In base 36: a hundred longer names would not leave room for the totals in 1 KB. */
const childField = (child: number): string => child.toString(36);

/**
 * A tag that starts with `-` names nothing kept: its children have no partial, no outputs, no failed items.
 */
export function namesNothing(tag: string): boolean {
  return tag.startsWith("-");
}

/** The tag of a child that was left out for good. */
export const LEFT_OUT_TAG = "-";

/** What a node's record says. A node that does not exist yet is an empty one. */
export class NodeView {
  readonly fields: Fields;
  /** How many children this node has to have: the fan-in, or what the right edge was closed with. */
  readonly expects: number;
  readonly settled: number;
  readonly sealed: boolean;
  readonly root: boolean;
  /**
   * In a redrive: the generation whose node this one lies over. A child without a tag is what it was there.
   */
  readonly over: number | null;

  constructor(fields: Fields | null, fanIn: number) {
    this.fields = fields ?? {};
    this.expects = numberOr(this.fields["expects"], fanIn);
    this.settled = numberOr(this.fields["settled"], 0);
    this.sealed = this.fields["sealed"] === true;
    this.root = this.fields["root"] === true;
    const { over } = this.fields;
    this.over = typeof over === "number" ? over : null;
  }

  get full(): boolean {
    return this.settled >= this.expects;
  }

  /** Nothing more will ever be counted here. */
  get final(): boolean {
    return this.sealed || this.full;
  }

  tag(child: number): string | null {
    const tag = this.fields[childField(child)];
    return typeof tag === "string" ? tag : null;
  }

  /** The tags of children 0 … expects−1; `null` where a child was left out. */
  tags(): (string | null)[] {
    return Array.from({ length: this.expects }, (_, child) => this.tag(child));
  }

  /** Whether no child left anything to merge. */
  get empty(): boolean {
    if (this.over !== null && !this.full) return false;
    return this.tags().every((tag) => tag === null || namesNothing(tag));
  }

  /** What this node passes on to its parent: in a redrive, by how much that has changed. */
  totals(): Totals {
    const of = (name: keyof Totals): number => numberOr(this.fields[name], 0);
    return {
      chunks: of("chunks"),
      lost: of("lost") + (this.sealed && this.over === null ? this.expects - this.settled : 0),
      broken: of("broken"),
      succeeded: of("succeeded"),
      failed: of("failed"),
      units: of("units"),
      ms: of("ms"),
    };
  }
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/**
 * Settles `children` (places within `node`) by the attempt `tag`, whose totals together are `totals`: applied
 * only if none has a tag, none is beyond what the node expects, and the node is not sealed.
 */
export function settle(node: NodeId, children: readonly number[], tag: string, totals: Totals): Update {
  const when: Condition[] = [{ is: "absent", field: "sealed" }];
  const set: { [field: string]: Json } = {};
  let last = 0;
  for (const child of children) {
    const field = childField(child);
    when.push({ is: "absent", field });
    set[field] = tag;
    if (child > last) last = child;
  }
  when.push({ is: "absent-or-above", field: "expects", value: last });
  return { key: nodeKey(node), when, set, add: { settled: children.length, ...totals } };
}

/**
 * Lays a new generation's node over a closed one. `closed` are the views of that node in the generations
 * before, newest first; `redo` the places of the children that are to be done again. The other tags are
 * copied; a child that was left out and is not redone stays so for good (`-`).
 */
export function layOver(
  node: NodeId,
  over: number,
  closed: readonly NodeView[],
  redo: ReadonlySet<number>,
): Update {
  const [newest] = closed;
  if (!newest) throw new RangeError(`${nodeKey(node)} has nothing below it`);
  const { expects, root } = newest.fields;
  const fields: { [name: string]: Json } = { over };
  if (expects !== undefined) fields["expects"] = expects;
  if (root !== undefined) fields["root"] = root;
  let settled = 0;
  for (let child = 0; child < newest.expects; child++) {
    if (redo.has(child)) continue;
    fields[childField(child)] = previousTag(closed, child) ?? LEFT_OUT_TAG;
    settled++;
  }
  return create(nodeKey(node), { ...fields, settled });
}

/**
 * The tag of a child in a closed tree. A sealed node of a redrive lacks those that it did not come to: they
 * are as they were below.
 */
export function previousTag(closed: readonly NodeView[], child: number): string | null {
  for (const view of closed) {
    const tag = view.tag(child);
    if (tag !== null) return tag;
  }
  return null;
}

/**
 * Closes the right edge at `node`: fixes how many children it expects, and whether it is the root. The same
 * each time.
 */
export function close(node: NodeId, expects: number, root: boolean): Update {
  const set = root ? { expects, root } : { expects };
  return { key: nodeKey(node), when: [], set, add: {} };
}

/** Seals a leaf: nothing is counted in it afterwards. */
export function seal(leaf: NodeId): Update {
  return { key: nodeKey(leaf), when: [], set: { sealed: true }, add: {} };
}

/**
 * The right edge of the tree over `chunks` chunks, leaf first, root last: each node's place and how many
 * children it expects.
 */
export function rightEdge(
  chunks: number,
  fanIn: number,
): { level: number; index: number; expects: number; root: boolean }[] {
  const edge = [];
  for (let level = 0, children = chunks; ; level++) {
    const index = Math.max(0, Math.ceil(children / fanIn) - 1);
    edge.push({ level, index, expects: children - index * fanIn, root: index === 0 });
    if (index === 0) return edge;
    children = index + 1;
  }
}
