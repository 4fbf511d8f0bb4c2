/** The invariants of chunks that were cut: what has to be true of each split and of each part's message. */
import type { PlannedRange } from "../../../../src/core/records/plan.ts";
import type { PartMessage } from "../../../../src/core/records/message.ts";
import { SplitView, splitOf } from "../../../../src/core/records/split.ts";
import { nodeKey, previousTag } from "../../../../src/core/records/tree.ts";
import { NO_TOTALS, addTotals, subtractTotals } from "../../../../src/core/records/totals.ts";
import type { NodeId } from "../../../../src/core/records/tree.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { COUNTED, check } from "../check.ts";
import { closedViews } from "../redriving/redrive.ts";
import { countsOf, textOfTag, unitsText, within } from "./splits.ts";
import { partText, splitUnder } from "./split-parts.ts";
import type { State, World } from "../world/world.ts";

/**
 * Parts tile their chunk, each part's partial is exactly its range, and the counts are those of the parts.
 */
export function checkSplit(
  world: World,
  state: State,
  node: NodeId,
  { range, view }: { readonly range: PlannedRange; readonly view: SplitView },
): void {
  const key = nodeKey(node);
  const parts = view.parts();
  const starts = parts.map((part) => view.startOf(part));
  check(view.end === range.end, () => `${key} ends at ${view.end}, its chunk at ${range.end}`);
  check(starts[0] === range.start, () => `${key} begins at ${starts[0]}, its chunk at ${range.start}`);
  const filled = parts.filter((part) => view.endOf(part) > view.startOf(part));
  const places = new Set(filled.map((part) => view.startOf(part)));
  check(places.size === filled.length, () => `${key} has two parts that start at one place`);
  const isInside = starts.every((start) => start >= range.start && start < range.end);
  check(isInside, () => `${key} has parts outside of its chunk`);
  let settled = 0;
  for (const part of parts) {
    const tag = view.tag(part);
    if (tag === null) continue;
    settled++;
    const text = textOfPart(world, state, node, view, part);
    const { units } = countsOf(text);
    const length = view.endOf(part) - view.startOf(part);
    const isOwn = text.startsWith("x")
      ? text === `x${view.startOf(part)}-${view.endOf(part)}`
      : within(text, { start: view.startOf(part), end: view.endOf(part) }) === text;
    check(
      units === length && isOwn,
      () => `part ${part} of ${key} has ${text}, its range has ${length} units`,
    );
  }
  check(view.settled === settled, () => `${key} says ${view.settled} settled, it has ${settled} tags`);
  const sum = addedByParts(world, state, node, view);
  for (const name of COUNTED) {
    if (name === "chunks" || name === "lost") continue;
    check(
      (view.fields[name] ?? 0) === sum[name],
      () => `${key} counts ${JSON.stringify(view.fields[name])} ${name}, its parts ${sum[name]}`,
    );
  }
}

function textOfPart(
  world: World,
  state: State,
  { index, generation }: NodeId,
  view: SplitView,
  part: number,
): string {
  return partText(world, state, { chunk: index, generation }, view, part);
}

/** A part of the closed tree, or a whole chunk of it, as it was before this split. */
interface Before {
  readonly start: number;
  readonly end: number;
  /** `null`: nothing was counted. */
  readonly text: string | null;
  readonly tag: string | null;
}

/**
 * Tags that were kept from before add nothing. Those of others add the difference to what their range was.
 */
function addedByParts(world: World, state: State, node: NodeId, view: SplitView): Totals {
  let sum = NO_TOTALS;
  for (const { start, end, text, tag } of before(world, state, node, view)) {
    const inside = view.parts().filter((part) => view.startOf(part) >= start && view.startOf(part) < end);
    const isKept = inside.length === 1 && view.tag(inside[0] ?? 0) === tag && tag !== null;
    const settled = inside.filter((part) => view.tag(part) !== null);
    if (isKept || settled.length === 0) continue;
    for (const part of settled) {
      sum = addTotals(sum, countsOf(textOfPart(world, state, node, view, part)));
      const range = { start: view.startOf(part), end: view.endOf(part) };
      if (text !== null && !text.includes("x")) sum = subtractTotals(sum, countsOf(within(text, range)));
    }
    if (text?.includes("x")) sum = subtractTotals(sum, countsOf(text));
  }
  return sum;
}

function before(world: World, state: State, node: NodeId, view: SplitView): Before[] {
  const { index: chunk, generation } = node;
  const whole = { start: Math.min(...view.parts().map((part) => view.startOf(part))), end: view.end };
  const leaf = { ...node, level: 0, index: Math.floor(chunk / world.fanIn) };
  // The chunk of a split with `was` is in the closed tree. Others are new.
  const tag = view.was && previousTag(closedViews(state, leaf, world.fanIn).views, chunk % world.fanIn);
  const all = unitsText(world, Infinity, whole.start, whole.end);
  const closed = splitUnder(state, tag, chunk);
  if (!closed || closed.node.generation >= generation) {
    const text = tag === null || tag === "-" ? null : textOfTag(state, tag, `${chunk}`, all);
    return [{ ...whole, text, tag: null }];
  }
  return closed.view.parts().map((part) => {
    const range = { start: closed.view.startOf(part), end: closed.view.endOf(part) };
    const partTag = closed.view.tag(part);
    const text = partTag === null ? null : textOfPart(world, state, closed.node, closed.view, part);
    return { ...range, text, tag: partTag };
  });
}

/** A chunk that was settled by a split: the split is final, and has the same content. */
export function checkSettledBySplit(world: World, state: State, chunk: number, tag: string): void {
  const split = splitUnder(state, tag, chunk);
  if (!split) return;
  const { node, view } = split;
  check(view.final, () => `chunk ${chunk} is settled by its split, which is not final`);
  check(
    view.full || view.redone === null,
    () => `an unfinished redo of chunk ${chunk} took the place of its value`,
  );
  const parts = view.parts().map((part) => textOfPart(world, state, node, view, part));
  const text = parts.filter((one) => one !== "").join(" ");
  const merged = textOfTag(state, tag, `${chunk}`, "");
  check(merged === text, () => `chunk ${chunk} was settled with ${merged}, its split has ${text}`);
}

/** The message of a part is as the record of its split says. The part may have been cut since. */
export function checkPartMessage(state: State, message: PartMessage): void {
  const { chunk, part, start, end, former = null } = message;
  const fields = state.records.get(nodeKey(splitOf(message)));
  check(fields !== undefined, () => `part ${part} of chunk ${chunk} was sent, but the chunk was not cut`);
  if (!fields) return;
  const view = new SplitView(fields);
  check(
    view.startOf(part) === start,
    () => `part ${part} of chunk ${chunk} is not as recorded: ${start}-${end}`,
  );
  const until = view.endOf(part);
  const isSame = view.tag(part) === null ? until === end : until <= end;
  check(isSame, () => `part ${part} of chunk ${chunk} is not as recorded: ${start}-${end}`);
  check(view.formerOf(part) === former, () => `part ${part} of chunk ${chunk} does not know its former tag`);
}
