/**
 * The join tree, which counts every chunk exactly once.
 *
 * With a fan-in of F, leaf g covers the chunks g·F … g·F+F−1, and a node of a higher level covers F nodes of
 * the level below. A node is one record of the ledger. It has the tag of each settled child (in the fields
 * `0`, `1`, … `2r`), how many children are settled (`settled`), and running totals.
 *
 * To settle is one conditional update, which refuses a child that has a tag. Its reply shows whether the node
 * is full. Every task that sees a full node takes the node's next step. That is the whole protocol;
 * `../protocol/protocol.ts` puts the steps in order.
 */
import { create } from "./record.ts";
import type { Condition, Fields, Update } from "./record.ts";
import type { Json } from "../json/json.ts";
import { withRare } from "./totals.ts";
import type { Totals } from "./totals.ts";

/**
 * Children of a node. With tags of 7 characters, a full node fits into one DynamoDB write unit of 1 KB
 * (`test/core/records/tree.test.ts`).
 */
export const FAN_IN = 100;

/** The level of a split: the node of a chunk that was cut, whose children are the chunk's parts. */
export const SPLIT_LEVEL = -1;

export interface NodeId {
  readonly batch: string;
  readonly generation: number;
  /** 0 for the leaves, whose children are chunks. -1 for a chunk that was cut (`split.ts`). */
  readonly level: number;
  readonly index: number;
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

/** In base 36. With a hundred longer names there would be no room for the totals in 1 KB. */
const nameOf = (child: number): string => child.toString(36);
/** Made once: a node has a hundred of them, and each is looked up for every chunk. */
const CHILD_FIELDS = Array.from({ length: FAN_IN }, (_, child) => nameOf(child));
export const childField = (child: number): string => CHILD_FIELDS[child] ?? nameOf(child);
/** Made once, as the names: they are asked of every chunk. */
const UNSETTLED = CHILD_FIELDS.map((field): Condition => ({ is: "absent", field }));

/**
 * A tag that begins with `-` names no partial: its children have no value, no outputs and no failed items.
 */
export function namesNothing(tag: string): boolean {
  return tag.startsWith("-");
}

/** The tag of a child that is left out and not redone. */
export const LEFT_OUT_TAG = "-";

/** Reads the record of a node. A node without a record is empty. */
export class NodeView {
  readonly fields: Fields;
  /** How many children the node gets: the fan-in, or fewer on a closed right edge. */
  readonly expects: number;
  readonly settled: number;
  readonly sealed: boolean;
  readonly root: boolean;
  /**
   * In a redrive: the generation of the node below this one. Children without a tag are as they are there.
   */
  readonly over: number | null;
  /** In a redrive: how many children the node below has. Those from here on are new. */
  readonly #from: number;

  constructor(fields: Fields | null, fanIn: number) {
    this.fields = fields ?? {};
    this.expects = numberOr(this.fields["expects"], fanIn);
    this.settled = numberOr(this.fields["settled"], 0);
    this.sealed = this.fields["sealed"] === true;
    this.root = this.fields["root"] === true;
    const { over } = this.fields;
    this.over = typeof over === "number" ? over : null;
    this.#from = this.over === null ? 0 : numberOr(this.fields["from"], fanIn);
  }

  get exists(): boolean {
    return Object.keys(this.fields).length > 0;
  }

  get full(): boolean {
    return this.settled >= this.expects;
  }

  /** Nothing more is counted in the node. */
  get final(): boolean {
    return this.sealed || this.full;
  }

  tag(child: number): string | null {
    const tag = this.fields[childField(child)];
    return typeof tag === "string" ? tag : null;
  }

  /** The tags of children 0 … expects−1. `null`: the child is not settled. */
  tags(): (string | null)[] {
    const tags: (string | null)[] = [];
    for (let child = 0; child < this.expects; child++) tags.push(this.tag(child));
    return tags;
  }

  /** Whether no child has anything to merge. */
  get empty(): boolean {
    if (this.over !== null && !this.full) return false;
    return this.tags().every((tag) => tag === null || namesNothing(tag));
  }

  /** The totals that this node adds to its parent. In a redrive they are differences. */
  totals(): Totals {
    const total = (name: keyof Totals): number => numberOr(this.fields[name], 0);
    const totals = {
      chunks: total("chunks"),
      lost: total("lost") + (this.sealed ? this.#leftOut() : 0),
      broken: total("broken"),
      succeeded: total("succeeded"),
      failed: total("failed"),
      units: total("units"),
      ms: total("ms"),
    };
    return withRare(totals, { damaged: total("damaged"), mbs: total("mbs"), fees: total("fees") }, {}, 1);
  }

  /** How many children have no tag, and nothing below that stands for them. */
  #leftOut(): number {
    return this.tags().filter((tag, child) => tag === null && child >= this.#from).length;
  }
}

export function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/**
 * Settles `children` (numbers within `node`) with the tag of the attempt that finished them. `totals` are
 * their totals together. Refused if one of them has a tag or is beyond the closed edge, or if the node is
 * sealed.
 */
export function settle(node: NodeId, children: readonly number[], tag: string, totals: Totals): Update {
  const when: Condition[] = [{ is: "absent", field: "sealed" }];
  const set: { [field: string]: Json } = {};
  let last = 0;
  for (const child of children) {
    const field = childField(child);
    when.push(UNSETTLED[child] ?? { is: "absent", field });
    set[field] = tag;
    if (child > last) last = child;
  }
  when.push({ is: "absent-or-above", field: "expects", value: last });
  if (node.level === SPLIT_LEVEL) when.push({ is: "existing" });
  return { key: nodeKey(node), when, set, add: { settled: children.length, ...totals } };
}

/** A closed node, over which a redrive lays another. */
export interface ClosedNode {
  /** The newest generation that has the node. */
  readonly over: number;
  /** The node in its closed generations, newest first. */
  readonly views: readonly NodeView[];
}

/**
 * Lays a node of a new generation over a closed one. `redo` are the numbers of the children that are to be
 * done again. The tags of all other children are copied. A child that was left out and is not redone gets the
 * tag `-`. `open`: the node is on the right edge of a plan that goes on, so it may get more children.
 */
export function layOver(
  node: NodeId,
  { over, views: closed }: ClosedNode,
  redo: ReadonlySet<number>,
  open = false,
): Update {
  const [newest] = closed;
  if (!newest) throw new RangeError(`${nodeKey(node)} has nothing below it`);
  const { expects, root } = newest.fields;
  const fields: { [name: string]: Json } = { over };
  if (open) fields["from"] = newest.expects;
  else if (expects !== undefined) fields["expects"] = expects;
  if (root !== undefined && !open) fields["root"] = root;
  let settled = 0;
  for (let child = 0; child < newest.expects; child++) {
    if (redo.has(child)) continue;
    fields[childField(child)] = previousTag(closed, child) ?? LEFT_OUT_TAG;
    settled++;
  }
  return create(nodeKey(node), { ...fields, settled });
}

/**
 * The tag of a child in a closed tree. A sealed node of a redrive has no tag for children that were not
 * redone in time. They are as they were in the generation below.
 */
export function previousTag(closed: readonly NodeView[], child: number): string | null {
  for (const view of closed) {
    const tag = view.tag(child);
    if (tag !== null) return tag;
  }
  return null;
}

/** The field in which a chunk's message names its earlier contribution. A chunk that never ran has none. */
export function formerOf(tag: string | null): { readonly former?: string } {
  return tag === null || tag === LEFT_OUT_TAG ? {} : { former: tag };
}

/**
 * Closes the right edge at `node`: fixes how many children it gets, and whether it is the root. May be
 * repeated.
 */
export function close(node: NodeId, expects: number, root: boolean): Update {
  const set = root ? { expects, root } : { expects };
  return { key: nodeKey(node), when: [], set, add: {} };
}

/** Seals a leaf. Nothing is counted in it afterwards. */
export function seal(leaf: NodeId): Update {
  return { key: nodeKey(leaf), when: [], set: { sealed: true }, add: {} };
}

/** The nodes of the right edge of a tree over `chunks` chunks, from the leaf up to the root. */
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
