/**
 * One path of SVG for all marks of a kind: two thousand marks are a dozen elements, and redrawn in a frame.
 */
import type { Box } from "./layout.ts";

const RADIUS = 2;
/** Narrower ones have no room for round corners. */
const ROUND_FROM = 5;

export function boxesPath(boxes: readonly Box[]): string {
  return boxes.map(boxPath).join("");
}

function boxPath({ x, y, width, height }: Box): string {
  if (width < ROUND_FROM) return `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}z`;
  const r = Math.min(RADIUS, height / 3);
  const [w, h] = [width - 2 * r, height - 2 * r];
  const arc = (dx: number, dy: number): string => `a${n(r)} ${n(r)} 0 0 1 ${n(dx)} ${n(dy)}`;
  return `M${n(x + r)} ${n(y)}h${n(w)}${arc(r, r)}v${n(h)}${arc(-r, r)}h${n(-w)}${arc(-r, -r)}v${n(-h)}${arc(r, -r)}z`;
}

/** Along the foot: something in it failed. */
export function feetPath(boxes: readonly Box[], thickness: number): string {
  return boxes
    .map(({ x, y, width, height }) => {
      const wide = Math.max(2, width);
      return `M${n(x)} ${n(y + height - thickness)}h${n(wide)}v${n(thickness)}h${n(-wide)}z`;
    })
    .join("");
}

/** A small diamond in the middle of each box. */
export function diamondsPath(boxes: readonly Box[]): string {
  return boxes
    .map(({ x, y, width, height }) => {
      const half = Math.min(width, height) / 2;
      return `M${n(x + width / 2)} ${n(y + height / 2 - half)}l${n(half)} ${n(half)} ${n(-half)} ${n(half)} ${n(-half)} ${n(-half)}z`;
    })
    .join("");
}

/** A tick at the left edge of each box. */
export function ticksPath(boxes: readonly Box[]): string {
  return boxes.map(({ x, y, height }) => `M${n(x)} ${n(y - 1)}v${n(height + 2)}`).join("");
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
