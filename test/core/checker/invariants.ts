/** What has to be true in every state that can be reached. */
import { generationOf, hasEnded, isEnding } from "../../../src/core/records/batch.ts";
import { parseEntry } from "../../../src/core/records/plan.ts";
import type { PlannedRange } from "../../../src/core/records/plan.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import {
  previousTag,
  LEFT_OUT_TAG,
  namesNothing,
  nodeKey,
  NodeView,
} from "../../../src/core/records/tree.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";
import { closedViews, outcomeOf, viewsBelow } from "./redrive.ts";
import { BATCH, batchOf } from "../batch-of.ts";
import type { State, World } from "./world.ts";

/** What is wrong with a state; `null` if nothing is. */
export function whatIsWrong(world: World, state: State): string | null {
  try {
    if (state.wrong !== null) return state.wrong;
    const plan = readPlan(state);
    checkMessages(state, plan);
    checkNodes(world, state, plan.ranges);
    if (hasEnded(batchOf(state))) checkEnd(world, state, plan);
    return null;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

class Wrong extends Error {}

function check(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Wrong(otherwise());
}

interface Plan {
  readonly ranges: readonly PlannedRange[];
  /** How many chunks there are for good: what the plan's end says, or the batch. */
  readonly end: number | null;
}

/** The plan's entries follow one another without a gap, and nothing follows the end. */
function readPlan(state: State): Plan {
  const ranges: PlannedRange[] = [];
  let end: number | null = null;
  const keys = [...state.records.keys()].filter((key) => key.startsWith("plan/")).toSorted();
  for (const [entry, key] of keys.entries()) {
    check(key.endsWith(String(entry).padStart(8, "0")), () => `plan entry ${entry} is missing`);
    check(end === null, () => "the plan goes on after its end");
    const parsed = parseEntry(entry, state.records.get(key) ?? {});
    if ("end" in parsed) {
      end = parsed.end;
      check(end === ranges.length, () => `the plan ends at ${end}, but has ${ranges.length} chunks`);
      continue;
    }
    check(parsed.first === ranges.length, () => `plan entry ${entry} starts with chunk ${parsed.first}`);
    for (const range of parsed.ranges) {
      check(range.start === (ranges.at(-1)?.end ?? 0), () => `plan entry ${entry} does not follow on`);
      ranges.push(range);
    }
  }
  const told = batchOf(state)["chunks"];
  return { ranges, end: end ?? (typeof told === "number" ? told : null) };
}

/** No message says anything but the plan, and none is beyond the number of chunks once that is fixed. */
function checkMessages(state: State, { ranges, end }: Plan): void {
  const held = state.running.flatMap((process) => process.held);
  for (const { message } of [...state.queue, ...held]) {
    if (message.kind !== "chunk") continue;
    const { chunk, start, end: until } = message;
    check(end === null || chunk < end, () => `chunk ${chunk} was sent, but there are ${end} chunks`);
    const range = ranges[chunk];
    check(range?.start === start && range.end === until, () => `chunk ${chunk} is not as planned`);
  }
}

const parseNode = (key: string): NodeId => {
  const [, batch = "", generation, level, index] = key.split("/");
  return { batch, generation: Number(generation), level: Number(level), index: Number(index) };
};

const COUNTED = ["chunks", "lost", "broken", "succeeded", "failed", "units"] as const;
type Counted = Record<(typeof COUNTED)[number], number>;
const none = (): Counted => ({ chunks: 0, lost: 0, broken: 0, succeeded: 0, failed: 0, units: 0 });

/**
 * In every node, wherever it is, counts are those of the children it has tags for, and each of those is
 * final.
 */
function checkNodes(world: World, state: State, ranges: readonly PlannedRange[]): void {
  for (const [key, fields] of state.records) {
    if (!key.startsWith("node/")) continue;
    const node = parseNode(key);
    const view = new NodeView(fields, world.fanIn);
    const below = viewsBelow(state, node, view, world.fanIn);
    const sum = none();
    let settled = 0;
    for (let place = 0; place < world.fanIn; place++) {
      const tag = view.tag(place);
      if (tag === null) continue;
      settled++;
      const child = node.index * world.fanIn + place;
      const former = previousTag(below, place);
      const kept = view.over !== null && tag === (former ?? LEFT_OUT_TAG);
      const counts = (by: string | null): Counted =>
        node.level === 0 ? chunkCounts(state, ranges, child, by) : nodeCounts(world, state, node, child);
      if (!kept) {
        const now = counts(tag);
        // Of a node above, what it passes on is the difference already.
        const before = view.over === null || node.level > 0 ? none() : counts(former);
        for (const name of COUNTED) sum[name] += now[name] - before[name];
      }
      const partial = state.records.get(`partial/${tag}`)?.[node.level === 0 ? `c${child}` : "all"];
      check(namesNothing(tag) || partial !== undefined, () => `${tag} in ${key} names nothing that is there`);
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

function chunkCounts(
  state: State,
  ranges: readonly PlannedRange[],
  chunk: number,
  tag: string | null,
): Counted {
  const range = ranges[chunk];
  check(range !== undefined, () => `chunk ${chunk} is settled, but was never planned`);
  return outcomeOf(state, tag, chunk, range ? range.end - range.start : 0);
}

function nodeCounts(world: World, state: State, parent: NodeId, index: number): Counted {
  const child = { ...parent, level: parent.level - 1, index };
  const view = new NodeView(state.records.get(nodeKey(child)) ?? null, world.fanIn);
  check(view.final, () => `${nodeKey(child)} is settled in its parent, but not final`);
  return view.totals();
}

/** An ended batch says exactly what its leaves say. */
function checkEnd(world: World, state: State, { ranges, end }: Plan): void {
  const batch = batchOf(state);
  const sum = none();
  const parts: string[] = [];
  for (const [chunk, range] of ranges.entries()) {
    const { tag, generation } = settledBy(world, state, chunk);
    const counts = chunkCounts(state, ranges, chunk, tag);
    for (const name of COUNTED) sum[name] += counts[name];
    if (tag === null || namesNothing(tag)) continue;
    const flaw = generation < (world.fails[chunk] ?? 0) ? "!" : "";
    parts.push(`${flaw}${range.start}-${range.end}`);
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
  checkVerdict(world, batch, totals);
}

/** The tag of a chunk in the closed tree, and the generation that gave it. */
function settledBy(world: World, state: State, chunk: number): { tag: string | null; generation: number } {
  const batch = batchOf(state);
  const place = chunk % world.fanIn;
  const leaf = {
    batch: BATCH,
    generation: generationOf(batch) + 1,
    level: 0,
    index: Math.floor(chunk / world.fanIn),
  };
  const { generation, views } = closedViews(state, leaf, world.fanIn);
  const tag = previousTag(views, place);
  let given = generation;
  for (const view of views) {
    if (view.over === null || previousTag(views.slice(views.indexOf(view) + 1), place) !== tag) break;
    given = view.over;
  }
  return { tag, generation: given };
}

function checkVerdict(world: World, batch: Fields, totals: Counted): void {
  const former = batch["former"] as { state: string } | undefined;
  const incomplete = former !== undefined && (totals.lost > 0 || batch["short"] === true);
  if (!isEnding(batch) && !incomplete) {
    check(
      totals.lost === 0 && totals.units === world.units,
      () => `${totals.units} of ${world.units} units were processed`,
    );
  }
  const { ending } = batch;
  const asked = ending === "cancel" ? "cancelled" : ending === "input" ? "failed" : null;
  const flawed = totals.broken + totals.failed > 0;
  const earned = incomplete ? former.state : flawed ? "completed-with-failures" : "succeeded";
  const deserved = asked ?? earned;
  check(
    batch["state"] === deserved,
    () => `the batch is ${JSON.stringify(batch["state"])}, it ought to be ${deserved}`,
  );
}
