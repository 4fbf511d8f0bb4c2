/** Hedges in the explored world: any open chunk may be found to be slow, at any time. */
import type { Effect, Replies, Task } from "../../../../src/core/protocol/task.ts";
import { generationOf, hasEnded } from "../../../../src/core/records/batch/batch.ts";
import {
  HedgesView,
  hedgesKey,
  hedgesLeft,
  noteHedges,
  stragglers,
} from "../../../../src/core/records/attempts/hedges.ts";
import type { HedgeMessage } from "../../../../src/core/records/message.ts";
import { splitOf } from "../../../../src/core/records/split.ts";
import { NodeView, leafOf, nodeKey } from "../../../../src/core/records/tree.ts";
import type { NodeId } from "../../../../src/core/records/tree.ts";
import { BATCH, batchOf } from "../../batch-of.ts";
import { check } from "../check.ts";
import type { Move } from "../world/moves.ts";
import { chunkMessage } from "../world/recovery.ts";
import { planOf } from "../redriving/redrive.ts";
import type { Delivery, State, World } from "../world/world.ts";

function leafWith({ fanIn }: World, state: State, chunk: number): NodeId {
  return { batch: BATCH, generation: generationOf(batchOf(state)), level: 0, index: leafOf(chunk, fanIn) };
}

/** A look at the leaf of a chunk that was found to be slow. */
export function lookTask(world: World, state: State, chunk: number): Task {
  return { do: "hedge", node: leafWith(world, state, chunk), slow: [chunk] };
}

/** The reply to a look. */
export function findStragglers(
  world: World,
  state: State,
  { node: leaf, slow }: Extract<Effect, { kind: "stragglers" }>,
): Replies["stragglers"] {
  const { fanIn } = world;
  const view = new NodeView(state.records.get(nodeKey(leaf)) ?? null, fanIn);
  const hedges = new HedgesView(state.records.get(hedgesKey(leaf)) ?? null);
  const found = stragglers({ leaf, batch: batchOf(state), view, hedges }, fanIn, slow);
  const chunks = found
    .filter((chunk) => !state.records.has(nodeKey(splitOf({ ...leaf, chunk }))))
    .slice(0, hedgesLeft(view, hedges));
  const messages = chunks.map((chunk): HedgeMessage => {
    return { ...chunkMessage(world, state, leaf.generation, chunk), kind: "hedge" };
  });
  return { note: chunks.length === 0 ? null : noteHedges(leaf, chunks, hedges, fanIn), messages };
}

/** Looks at chunks that may be hedged. A look that finds nothing is no move. */
export function looks(
  world: World,
  state: State,
  deliver: (at: State, message: Delivery["message"]) => Move,
): Move[] {
  const { left } = state;
  if (left.hedge === 0 || hasEnded(batchOf(state))) return [];
  const after = { ...state, left: { ...left, hedge: left.hedge - 1 } };
  return planOf(state).ranges.flatMap((_, chunk) => {
    const node = leafWith(world, state, chunk);
    const { note } = findStragglers(world, state, { kind: "stragglers", node, slow: [chunk] });
    return note === null ? [] : [{ ...deliver(after, { kind: "look", chunk }), fault: true }];
  });
}

/** The invariants of hedges. */
export function checkHedges(world: World, state: State): void {
  for (const [key, fields] of state.records) {
    if (!key.startsWith("hedges/")) continue;
    const noted = Object.values(fields).filter((value) => value === true).length;
    check(
      fields["count"] === noted,
      () => `${key} counts ${Number(fields["count"])} hedges, it has ${noted}`,
    );
  }
  const held = state.running.flatMap((process) => process.held);
  for (const { message } of [...state.queue, ...held]) {
    if (message.kind !== "hedge") continue;
    const { chunk, generation } = message;
    const leaf = { ...leafWith(world, state, chunk), generation };
    const isNoted = new HedgesView(state.records.get(hedgesKey(leaf)) ?? null).has(chunk % world.fanIn);
    check(isNoted, () => `chunk ${chunk} is hedged, but that is not noted`);
  }
  for (const { tasks } of state.running) {
    const cuts = tasks.some((task) => task.do === "split" && task.cut.message.kind === "hedge");
    check(!cuts, () => "a hedge cuts its chunk");
  }
}

/** A chunk is given up only by its first message. */
export function checkGivenUp(world: World, state: State, chunk: number, text: unknown): void {
  const { crash, duplicate, lost, pause, redrive } = world.budget;
  // With other faults there may be more than one message of a chunk.
  if (crash + duplicate + lost + pause + redrive > 0 || typeof text !== "string" || !text.startsWith("x"))
    return;
  const held = state.running.filter(({ tasks }) => tasks.length > 0).flatMap((process) => process.held);
  const isThere = [...state.queue, ...held].some(
    ({ message }) => message.kind === "chunk" && message.chunk === chunk,
  );
  check(!isThere, () => `chunk ${chunk} was given up, but its first message is still there`);
}
