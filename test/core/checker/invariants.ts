/** The invariants: what has to be true in every reachable state. */
import { generationOf, hasEnded, isEnding } from "../../../src/core/records/batch/batch.ts";
import { extensionOf } from "../../../src/core/records/batch/redriving.ts";
import { parseEntry } from "../../../src/core/records/plan.ts";
import type { PlanEnd, PlannedRange } from "../../../src/core/records/plan.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import {
  previousTag,
  LEFT_OUT_TAG,
  namesNothing,
  nodeKey,
  NodeView,
  SPLIT_LEVEL,
} from "../../../src/core/records/tree.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";
import { SplitView } from "../../../src/core/records/split.ts";
import { COUNTED, Wrong, check } from "./check.ts";
import { closedViews, viewsBelow } from "./redriving/redrive.ts";
import { textOfTag, unitsText } from "./splitting/splits.ts";
import { outcomeOf, splitUnder } from "./splitting/split-parts.ts";
import { checkGivenUp, checkHedges } from "./hedging/hedges.ts";
import { checkPartMessage, checkSettledBySplit, checkSplit } from "./splitting/split-invariants.ts";
import { BATCH, batchOf } from "../batch-of.ts";
import type { State, World } from "./world/world.ts";

/** The first invariant that a state violates, in words. `null`: none. */
export function whatIsWrong(world: World, state: State): string | null {
  try {
    if (state.wrong !== null) return state.wrong;
    const plan = readPlan(state);
    checkMessages(state, plan);
    checkNodes(world, state, plan.ranges);
    checkHedges(world, state);
    if (hasEnded(batchOf(state))) checkEnd(world, state, plan);
    return null;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

interface Plan {
  readonly ranges: readonly PlannedRange[];
  /** The final number of chunks, from the plan's END or the batch's record. `null`: not final yet. */
  readonly end: number | null;
}

/** The entries of the plan have no gaps between them. Only a later generation goes on behind an END. */
function readPlan(state: State): Plan {
  const ranges: PlannedRange[] = [];
  const batch = batchOf(state);
  let end: PlanEnd | null = null;
  const keys = [...state.records.keys()].filter((key) => key.startsWith("plan/")).toSorted();
  for (const [entry, key] of keys.entries()) {
    check(key.endsWith(String(entry).padStart(8, "0")), () => `plan entry ${entry} is missing`);
    const parsed = parseEntry(entry, state.records.get(key) ?? {});
    const mayGoOn: boolean = end === null || (end.short && generationOf(batch) > end.generation);
    check(mayGoOn, () => "the plan goes on after its end");
    end = null;
    if ("end" in parsed) {
      end = parsed;
      check(
        parsed.end === ranges.length,
        () => `the plan ends at ${parsed.end}, but has ${ranges.length} chunks`,
      );
      continue;
    }
    check(parsed.first === ranges.length, () => `plan entry ${entry} starts with chunk ${parsed.first}`);
    for (const range of parsed.ranges) {
      check(range.start === (ranges.at(-1)?.end ?? 0), () => `plan entry ${entry} does not follow on`);
      ranges.push(range);
    }
  }
  const goesOn = extensionOf(batch) !== null && end?.generation !== generationOf(batch);
  if (end && !goesOn) return { ranges, end: end.end };
  const recorded = batch["chunks"];
  return { ranges, end: typeof recorded === "number" ? recorded : null };
}

/** Every chunk message agrees with the plan. No chunk is beyond the final number of chunks. */
function checkMessages(state: State, { ranges, end }: Plan): void {
  const held = state.running.flatMap((process) => process.held);
  for (const { message } of [...state.queue, ...held]) {
    if (message.kind !== "chunk" && message.kind !== "part" && message.kind !== "hedge") continue;
    const { chunk, start, end: until } = message;
    check(end === null || chunk < end, () => `chunk ${chunk} was sent, but there are ${end} chunks`);
    if (message.kind === "part") {
      checkPartMessage(state, message);
      continue;
    }
    const range = ranges[chunk];
    check(range?.start === start && range.end === until, () => `chunk ${chunk} is not as planned`);
  }
}

const parseNode = (key: string): NodeId => {
  const [, batch = "", generation, level, index] = key.split("/");
  return { batch, generation: Number(generation), level: Number(level), index: Number(index) };
};

type Counted = Record<(typeof COUNTED)[number], number>;
const none = (): Counted => ({ chunks: 0, lost: 0, broken: 0, succeeded: 0, failed: 0, units: 0 });

/** The counts of every node are those of the children that have tags in it. Every such child is final. */
function checkNodes(world: World, state: State, ranges: readonly PlannedRange[]): void {
  for (const [key, fields] of state.records) {
    if (!key.startsWith("node/")) continue;
    const node = parseNode(key);
    const range = ranges[node.index];
    if (node.level === SPLIT_LEVEL) {
      check(range !== undefined, () => `${key} is of a chunk that was never planned`);
      if (range) checkSplit(world, state, node, { range, view: new SplitView(fields) });
      continue;
    }
    const view = new NodeView(fields, world.fanIn);
    const sum = none();
    let settled = 0;
    for (let child = 0; child < world.fanIn; child++) {
      const tag = view.tag(child);
      if (tag === null) continue;
      settled++;
      const added = addedBy(world, state, ranges, { node, view, child, tag });
      for (const name of COUNTED) sum[name] += added[name];
      const field = node.level === 0 ? `c${node.index * world.fanIn + child}` : "all";
      const partial = state.records.get(`partial/${tag}`)?.[field];
      check(namesNothing(tag) || partial !== undefined, () => `${tag} in ${key} names nothing that is there`);
      if (node.level === 0) checkGivenUp(world, state, node.index * world.fanIn + child, partial);
      if (node.level === 0) checkSettledBySplit(world, state, node.index * world.fanIn + child, tag);
    }
    check(
      (fields["settled"] ?? 0) === settled,
      () => `${key} says ${JSON.stringify(fields["settled"])} settled, it has ${settled} tags`,
    );
    for (const name of COUNTED) {
      check(
        (fields[name] ?? 0) === sum[name],
        () => `${key} counts ${JSON.stringify(fields[name])} ${name}, its children ${sum[name]}`,
      );
    }
  }
}

/** What a settled child adds to the counts of its node. In a redrive these are differences. */
function addedBy(
  world: World,
  state: State,
  ranges: readonly PlannedRange[],
  { node, view, child, tag }: { node: NodeId; view: NodeView; child: number; tag: string },
): Counted {
  const index = node.index * world.fanIn + child;
  const previous = previousTag(viewsBelow(state, node, view, world.fanIn), child);
  const isKept = view.over !== null && tag === (previous ?? LEFT_OUT_TAG);
  if (node.level > 0) {
    // Equal tags say nothing of a child that is laid itself.
    const isLaid = state.records.has(nodeKey({ ...node, level: node.level - 1, index }));
    return isKept && !isLaid ? none() : nodeCounts(world, state, node, index);
  }
  if (isKept) return none();
  const isNew = view.over === null || child >= Number(view.fields["from"] ?? world.fanIn);
  const now = chunkCounts(world, state, ranges, index, tag);
  const before = isNew ? none() : chunkCounts(world, state, ranges, index, previous);
  const added = none();
  for (const name of COUNTED) added[name] = now[name] - before[name];
  return added;
}

function chunkCounts(
  world: World,
  state: State,
  ranges: readonly PlannedRange[],
  chunk: number,
  tag: string | null,
): Counted {
  const range = ranges[chunk];
  check(range !== undefined, () => `chunk ${chunk} is settled, but was never planned`);
  return outcomeOf(world, state, tag, chunk, range ?? { start: 0, end: 0 });
}

function nodeCounts(world: World, state: State, parent: NodeId, index: number): Counted {
  const child = { ...parent, level: parent.level - 1, index };
  const view = new NodeView(state.records.get(nodeKey(child)) ?? null, world.fanIn);
  check(view.final, () => `${nodeKey(child)} is settled in its parent, but not final`);
  return view.totals();
}

/** The counts and the result of an ended batch are exactly those of its leaves. */
function checkEnd(world: World, state: State, { ranges, end }: Plan): void {
  const batch = batchOf(state);
  const sum = none();
  const parts: string[] = [];
  for (const [chunk, range] of ranges.entries()) {
    const { tag, generation } = settledBy(world, state, chunk);
    const counts = chunkCounts(world, state, ranges, chunk, tag);
    for (const name of COUNTED) sum[name] += counts[name];
    if (tag === null || namesNothing(tag)) continue;
    const units = unitsText(world, generation, range.start, range.end);
    const text = textOfTag(state, tag, `${chunk}`, units);
    if (!splitUnder(state, tag, chunk) && !text.startsWith("x"))
      check(text === units, () => `chunk ${chunk} has ${text}, it should have ${units}`);
    if (text !== "") parts.push(text);
  }
  const totals = batch["totals"] as unknown as Counted;
  for (const name of COUNTED) {
    check(
      totals[name] === sum[name],
      () => `the batch counts ${totals[name]} ${name}, its leaves ${sum[name]}`,
    );
  }
  const planned = end ?? ranges.length;
  check(batch["chunks"] === planned, () => `the batch does not say that it has ${planned} chunks`);
  check(
    totals.chunks + totals.lost === planned,
    () => `${totals.chunks} chunks and ${totals.lost} lost are not ${planned}`,
  );
  check(
    batch["result"] === parts.join(" "),
    () => `the result is ${JSON.stringify(batch["result"])}, the leaves have ${parts.join(" ")}`,
  );
  checkState(world, batch, totals);
}

/** The tag of a chunk in the closed tree, and the generation that settled it. */
function settledBy(world: World, state: State, chunk: number): { tag: string | null; generation: number } {
  const batch = batchOf(state);
  const child = chunk % world.fanIn;
  const leaf = {
    batch: BATCH,
    generation: generationOf(batch) + 1,
    level: 0,
    index: Math.floor(chunk / world.fanIn),
  };
  const { over, views } = closedViews(state, leaf, world.fanIn);
  const tag = previousTag(views, child);
  let settledIn = over;
  for (const view of views) {
    if (view.over === null || previousTag(views.slice(views.indexOf(view) + 1), child) !== tag) break;
    settledIn = view.over;
  }
  return { tag, generation: settledIn };
}

function checkState(world: World, batch: Fields, totals: Counted): void {
  const previous = batch["former"] as { state: string } | undefined;
  // A redrive of everything leaves nothing out, unless it was asked to end.
  const incomplete = !world.plansOn && previous !== undefined && (totals.lost > 0 || batch["short"] === true);
  if (!isEnding(batch) && !incomplete) {
    // A redrive of everything leaves nothing out, and only what still fails has failed.
    check(
      totals.lost === 0 && totals.units === world.units,
      () => `${totals.units} of ${world.units} units were processed`,
    );
    const failing = Object.values(world.fails).filter((until) => until > generationOf(batch)).length;
    check(
      totals.failed <= failing || world.budget.deadLetter > 0,
      () => `${totals.failed} units have failed, but only ${failing} still fail`,
    );
  }
  const { ending } = batch;
  const requested = ending === "cancel" ? "cancelled" : ending === "input" ? "failed" : null;
  const flawed = totals.broken + totals.failed > 0;
  const earned = incomplete ? previous.state : flawed ? "completed-with-failures" : "succeeded";
  const expected = requested ?? earned;
  check(
    batch["state"] === expected,
    () => `the batch is ${JSON.stringify(batch["state"])}, it should be ${expected}`,
  );
}
