/** What has to be true in every state that can be reached. */
import { hasEnded, isEnding } from "../../src/core/batch.ts";
import { parseEntry } from "../../src/core/plan.ts";
import type { PlannedRange } from "../../src/core/plan.ts";
import { namesNothing, nodeKey, NodeView } from "../../src/core/tree.ts";
import type { NodeId } from "../../src/core/tree.ts";
import { BATCH, batchOf } from "./world.ts";
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

const COUNTED = ["chunks", "lost", "broken", "succeeded", "units"] as const;
type Counted = Record<(typeof COUNTED)[number], number>;
const none = (): Counted => ({ chunks: 0, lost: 0, broken: 0, succeeded: 0, units: 0 });

/** In every node, wherever it is, counts are those of the children it has tags for, and each of those is final. */
function checkNodes(world: World, state: State, ranges: readonly PlannedRange[]): void {
  for (const [key, fields] of state.records) {
    if (!key.startsWith("node/")) continue;
    const node = parseNode(key);
    const sum = none();
    let settled = 0;
    for (let place = 0; place < world.fanIn; place++) {
      const tag = new NodeView(fields, world.fanIn).tag(place);
      if (tag === null) continue;
      settled++;
      const child = node.index * world.fanIn + place;
      const counts =
        node.level === 0 ? chunkCounts(ranges, child, tag) : nodeCounts(world, state, node, child);
      for (const name of COUNTED) sum[name] += counts[name];
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

function chunkCounts(ranges: readonly PlannedRange[], chunk: number, tag: string): Counted {
  const range = ranges[chunk];
  check(range !== undefined, () => `chunk ${chunk} is settled, but was never planned`);
  const units = range ? range.end - range.start : 0;
  const broken = tag.startsWith("-x") ? 1 : 0;
  return { chunks: 1, lost: 0, broken, succeeded: broken ? 0 : units, units };
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
    const leaf = { batch: BATCH, generation: 0, level: 0, index: Math.floor(chunk / world.fanIn) };
    const tag = new NodeView(state.records.get(nodeKey(leaf)) ?? null, world.fanIn).tag(chunk % world.fanIn);
    if (tag === null) continue;
    const counts = chunkCounts(ranges, chunk, tag);
    for (const name of COUNTED) sum[name] += counts[name];
    if (!namesNothing(tag)) parts.push(`${range.start}-${range.end}`);
  }
  const totals = batch["totals"] as unknown as Counted;
  for (const name of ["chunks", "broken", "succeeded", "units"] as const) {
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
  if (!isEnding(batch)) {
    check(
      totals.lost === 0 && totals.units === world.units,
      () => `${totals.units} of ${world.units} units were processed`,
    );
  }
  const { ending } = batch;
  const asked = ending === "cancel" ? "cancelled" : ending === "input" ? "failed" : null;
  const deserved = asked ?? (totals.broken > 0 ? "completed-with-failures" : "succeeded");
  check(
    batch["state"] === deserved,
    () => `the batch is ${JSON.stringify(batch["state"])}, it ought to be ${deserved}`,
  );
}
