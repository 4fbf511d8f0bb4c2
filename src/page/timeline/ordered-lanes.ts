/** Lanes stand in the order of their numbers, whichever worker began first. Pure. */
import type { Cell, Mark, Timeline } from "../../core/history/history.ts";

/** The timeline itself where its lanes are in order, or stand for several workers. */
export function withLanesInOrder(timeline: Timeline): Timeline {
  const numbers = timeline.lanes.map(numberOf);
  if (!numbers.every((number) => number !== null)) return timeline;
  const order = numbers.map((number, lane) => ({ number, lane })).toSorted((a, b) => a.number - b.number);
  if (order.every(({ lane }, at) => lane === at)) return timeline;
  const places = new Map(order.map(({ lane }, at) => [lane, at]));
  const place = (lane: number): number => places.get(lane) ?? lane;
  const lanes = order.map(({ lane }) => timeline.lanes[lane] ?? "");
  const marks = timeline.marks.map(([lane, ...mark]): Mark => [place(lane), ...mark]);
  if (timeline.form === "exact") return { ...timeline, lanes, marks };
  const cells = timeline.cells.map(([lane, ...cell]): Cell => [place(lane), ...cell]);
  return { ...timeline, lanes, marks, cells };
}

/** `4` of `thread 4`. */
function numberOf(name: string): number | null {
  const [, number] = /^\D*(\d+)$/.exec(name) ?? [];
  return number === undefined ? null : Number(number);
}
