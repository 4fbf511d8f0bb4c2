/** How wide the parts of a bar are. A part that exists can be seen, however small it is. */

export interface BarShares {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface BarPart {
  readonly kind: keyof BarShares;
  readonly x: number;
  readonly width: number;
}

const ORDER = ["succeeded", "failed", "skipped", "inFlight", "waiting"] as const;
const MIN_WIDTH = 3;
const GAP = 2;

/** In pixels of a bar that is `width` wide. Its parts fill it; a bar of nothing has the part that waits. */
export function barParts(shares: BarShares, width: number): BarPart[] {
  const kinds = ORDER.filter((kind) => shares[kind] > 0);
  const [only = "waiting"] = kinds;
  if (kinds.length <= 1) return [{ kind: only, x: 0, width }];
  const whole = kinds.reduce((sum, kind) => sum + shares[kind], 0);
  const room = width - GAP * (kinds.length - 1);
  const least = kinds.filter((kind) => (shares[kind] / whole) * room < MIN_WIDTH);
  const spare = room - least.length * MIN_WIDTH;
  const rest = kinds.filter((kind) => !least.includes(kind)).reduce((sum, kind) => sum + shares[kind], 0);
  let x = 0;
  return kinds.map((kind) => {
    const wide = least.includes(kind) ? MIN_WIDTH : (shares[kind] / rest) * spare;
    const part = { kind, x: rounded(x), width: rounded(wide) };
    x += wide + GAP;
    return part;
  });
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
