/** What travels through the queues: names and ranges, never data. */
import type { Segment } from "./contribution.ts";
import type { NodeId } from "./tree.ts";

export type QueueName = "coordinator" | "worker" | "join" | "dead-letter";

/** Plan this batch from plan entry `entry` on (a hint: the last one that the sender has seen), or bring it to its end. */
export interface PlanMessage {
  readonly kind: "plan";
  readonly batch: string;
  readonly entry: number;
}

/** Bytes of a source that cannot be positioned, written out by its planner: bytes `base` and on of what it unpacks to. */
export interface Spool extends Segment {
  readonly base: number;
  /** Why the source cannot be read any further: the chunk is what is left of it. */
  readonly damage?: string;
}

/** Run one chunk: items `start` up to `end` of source number `source`, in the reader's unit. */
export interface ChunkMessage {
  readonly kind: "chunk";
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
  /** 1 for the first; a delivery's own attempt is this plus its receive count less one. */
  readonly attempt: number;
  readonly source: number;
  readonly start: number;
  readonly end: number;
  /** Where the range is read from, if the source itself cannot be positioned. */
  readonly spool?: Spool;
  /** In a redrive, the tag that the chunk was settled by before; absent if it never was. */
  readonly former?: string;
}

/** `merge`: join the children of a full node. `seal`: make the leaves below final, then join them. */
export interface NodeMessage {
  readonly kind: "merge" | "seal";
  readonly node: NodeId;
  readonly attempt: number;
}

export type Message = PlanMessage | ChunkMessage | NodeMessage;
