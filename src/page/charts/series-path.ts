/** The line of a series, and the area under it. A gap stays a gap. */
import type { Box } from "../timeline/layout.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Stretches of known values. A value stands in the middle of its interval; the line begins at zero. */
function stretches(values: readonly (number | null)[], span: number, most: number, box: Box): Point[][] {
  const all: Point[][] = [];
  let open: Point[] | null = null;
  for (const [at, value] of values.entries()) {
    if (value === null) {
      open = null;
      continue;
    }
    if (!open) all.push((open = at === 0 ? [{ x: box.x, y: box.y + box.height }] : []));
    const x = box.x + Math.min(1, (at + 0.5) / Math.max(1, span)) * box.width;
    open.push({ x, y: box.y + box.height * (1 - Math.min(1, value / most)) });
  }
  return all;
}

export function linePath(values: readonly (number | null)[], span: number, most: number, box: Box): string {
  return stretches(values, span, most, box).map(lineOf).join("");
}

export function areaPath(values: readonly (number | null)[], span: number, most: number, box: Box): string {
  const foot = box.y + box.height;
  return stretches(values, span, most, box)
    .map((points) => {
      const [first, last] = [points[0], points.at(-1)];
      return first && last ? `${lineOf(points)}L${n(last.x)} ${n(foot)}L${n(first.x)} ${n(foot)}Z` : "";
    })
    .join("");
}

function lineOf(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${n(x)} ${n(y)}`).join("");
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
