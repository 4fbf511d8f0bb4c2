/** Effects that touch no shared state. They are not moves of their own. */
import type { Effect, Replies, Reply } from "../../../../src/core/protocol/task.ts";
import { create } from "../../../../src/core/records/record.ts";
import type { PlannedRange } from "../../../../src/core/records/plan.ts";
import { previousTag, namesNothing, NodeView, SPLIT_LEVEL } from "../../../../src/core/records/tree.ts";
import { lostWork } from "./recovery.ts";
import { survey, viewsBelow } from "../redriving/redrive.ts";
import { findStragglers } from "../hedging/hedges.ts";
import { giveUp, work } from "../splitting/splits.ts";
import { mergeParts } from "../splitting/split-parts.ts";
import type { TimeUp } from "../splitting/splits.ts";
import type { World, State } from "./world.ts";

type LocalEffect = Extract<Effect, { kind: "cut" | "survey" | "lost" | "stragglers" | "work" | "merge" }>;

/** What decides a local effect besides the state. */
export interface LocalChoice {
  readonly planner: number;
  readonly timeUp: TimeUp | null;
  /** The process gives a chunk up. */
  readonly givesUp: boolean;
}

/** The reply to an effect that touches no shared state. Such an effect is not a move of its own. */
export function answerLocally(
  world: World,
  state: State,
  effect: LocalEffect,
  { planner, timeUp, givesUp }: LocalChoice,
): Reply | string {
  switch (effect.kind) {
    case "cut":
      return cutRanges(world, effect.last?.ranges.at(-1)?.end ?? 0, planner);
    case "survey":
      return survey(world, state, effect.generation);
    case "lost":
      return lostWork(world, state, effect.from);
    case "stragglers":
      return findStragglers(world, state, effect);
    case "work":
      return givesUp && effect.chunks[0]
        ? giveUp(state, effect.chunks[0])
        : work(world, state, effect.chunks, timeUp);
    case "merge":
      return mergePartials(world, state, effect);
  }
}

function cutRanges(world: World, from: number, planner: number): Replies["cut"] {
  const { chunks, size, broken } = world.planners[planner] ?? { chunks: 1, size: 1 };
  const ranges: PlannedRange[] = [];
  const end = Math.min(world.units, broken ?? world.units);
  for (let start = from; start < end && ranges.length < chunks; start += size) {
    ranges.push({ source: 0, start, end: Math.min(start + size, end) });
  }
  if (ranges.length === 0 && broken !== undefined) return { code: "INPUT_INVALID", message: "" };
  return { ranges };
}

/** A partial is the list of its units, in order. A partial that a tag names has to exist. */
function mergePartials(
  world: World,
  state: State,
  { node, fields, merged }: Extract<Effect, { kind: "merge" }>,
): Replies["merge"] | string {
  if (node.level === SPLIT_LEVEL) return mergeParts(world, state, node, fields);
  const { fanIn, mergesAtOnce } = world;
  const { records, tags } = state;
  const view = new NodeView(fields, fanIn);
  const chain = [view, ...viewsBelow(state, node, view, fanIn)];
  const parts: string[] = [];
  const from = merged?.children ?? 0;
  if (merged) {
    const former = records.get(`partial/${merged.tag}`)?.["all"];
    if (typeof former !== "string") return `a merge that goes on does not find ${merged.tag}`;
    parts.push(former);
  }
  const until = Math.min(view.expects, from + mergesAtOnce);
  for (let child = from; child < until; child++) {
    const tag = previousTag(chain, child);
    if (tag === null || namesNothing(tag)) continue;
    const field = node.level === 0 ? `c${node.index * fanIn + child}` : "all";
    const part = records.get(`partial/${tag}`)?.[field];
    if (typeof part !== "string") return `a merge does not find what ${tag} names`;
    if (part !== "") parts.push(part);
  }
  const all = parts.join(" ").trim();
  const rest = until < view.expects ? { until } : {};
  const joined = { totals: view.totals(), result: all, error: null };
  return { tag: `~${tags}`, keep: create(`partial/~${tags}`, { all }), ...rest, joined, at: 1 };
}
