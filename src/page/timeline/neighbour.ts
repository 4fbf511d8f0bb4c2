/** The next mark for an arrow key: in the same lane, or in the lane above or below. */
import type { Placed, PlacedCell, PlacedMark } from "./layout.ts";

type Stop = PlacedMark | PlacedCell;

/** `null` for another key, and where there is none. */
export function neighbour(placed: Placed, from: Stop | null, key: string): Stop | null {
  const stops: readonly Stop[] = placed.marks.length === 0 ? placed.cells : placed.marks;
  if (!ARROWS.has(key)) return null;
  if (!from) return first(stops, laneOf);
  const lane = laneOf(from);
  if (key === "ArrowRight") return nearest(stops, ({ x }, at) => laneOf(at) === lane && x > from.x, from.x);
  if (key === "ArrowLeft") return nearest(stops, ({ x }, at) => laneOf(at) === lane && x < from.x, from.x);
  const step = key === "ArrowDown" ? 1 : -1;
  const lanes = new Set(stops.map(laneOf));
  const target = [...lanes].filter((one) => (one - lane) * step > 0).toSorted((a, b) => (a - b) * step)[0];
  return target === undefined ? null : nearest(stops, (_, at) => laneOf(at) === target, from.x);
}

const ARROWS: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

function laneOf(at: Stop): number {
  return "mark" in at ? at.mark[0] : at.cell[0];
}

function first(stops: readonly Stop[], lane: (at: Stop) => number): Stop | null {
  return stops.toSorted((a, b) => lane(a) - lane(b) || a.x - b.x)[0] ?? null;
}

function nearest(stops: readonly Stop[], fits: (box: Stop, at: Stop) => boolean, x: number): Stop | null {
  let best: Stop | null = null;
  for (const at of stops) {
    if (fits(at, at) && (!best || Math.abs(at.x - x) < Math.abs(best.x - x))) best = at;
  }
  return best;
}
