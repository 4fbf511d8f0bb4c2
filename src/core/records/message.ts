/** What travels through the queues: names and ranges, never data. */
import { isObject } from "../json.ts";
import type { UnknownObject } from "../json.ts";
import type { Segment } from "./contribution.ts";
import type { NodeId } from "./tree.ts";

/**
 * Receives of a queue before a message becomes a dead letter: every platform is set to it, and dead letters
 * count attempts by it.
 */
export const MAX_RECEIVES = 3;

export type QueueName = "coordinator" | "worker" | "join" | "dead-letter";

/**
 * Plan this batch from plan entry `entry` on (a hint: the last one that the sender has seen), or bring it to
 * its end.
 */
export interface PlanMessage {
  readonly kind: "plan";
  readonly batch: string;
  readonly entry: number;
}

/**
 * Bytes of a source that cannot be positioned, written out by its planner: bytes `base` and on of what it
 * unpacks to.
 */
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

/**
 * `value` as a message; `null` if it is none. What travels was written by us, but a queue takes what anybody
 * sends.
 */
export function parseMessage(value: unknown): Message | null {
  if (!isObject(value)) return null;
  const of = value;
  switch (of["kind"]) {
    case "plan":
      return hasName(of["batch"]) && areCounts(of, "entry") ? (of as unknown as PlanMessage) : null;
    case "chunk":
      return isChunk(of) ? (of as unknown as ChunkMessage) : null;
    case "merge":
    case "seal":
      return isNode(of["node"]) && areCounts(of, "attempt") ? (of as unknown as NodeMessage) : null;
    default:
      return null;
  }
}

/** The batch that a message is about. */
export function batchOf(message: Message): string {
  return "node" in message ? message.node.batch : message.batch;
}

function isChunk(of: UnknownObject): boolean {
  const { batch, spool, former } = of;
  const counts = areCounts(of, "generation", "chunk", "attempt", "source", "start", "end");
  const extras = (spool === undefined || isSpool(spool)) && (former === undefined || hasName(former));
  return counts && extras && hasName(batch);
}

function isSpool(value: unknown): boolean {
  return isObject(value) && typeof value["name"] === "string" && areCounts(value, "offset", "length", "base");
}

function isNode(value: unknown): boolean {
  return isObject(value) && hasName(value["batch"]) && areCounts(value, "generation", "level", "index");
}

function hasName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function areCounts(of: UnknownObject, ...names: readonly string[]): boolean {
  return names.every((name) => Number.isSafeInteger(of[name]) && Number(of[name]) >= 0);
}
