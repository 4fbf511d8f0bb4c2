/** Bars as SVG, readable on light and on dark pages. */

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly label: string;
  readonly highlighted: boolean;
}

const ROW = 22;
const TOP = 34;
const NAMES = 190;
const BARS = 420;
const WIDTH = 720;

/** The longest bar has the greatest value; bars begin at 0. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const height = TOP + bars.length * ROW + 8;
  const rows = bars.map(({ name, value, label, highlighted }, at) => {
    const y = TOP + at * ROW;
    const width = Math.max(1, (value / most) * BARS).toFixed(1);
    return [
      `  <text class="name" x="${NAMES - 8}" y="${y + 14}">${escaped(name)}</text>`,
      `  <rect class="${highlighted ? "own" : "bar"}" x="${NAMES}" y="${y + 3}" width="${width}" height="14" rx="2"/>`,
      `  <text x="${(NAMES + Number(width) + 6).toFixed(1)}" y="${y + 14}">${escaped(label)}</text>`,
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
  <style>
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; font-size: 14px; }
    .name { text-anchor: end; }
    .bar { fill: #7d8ea3; }
    .own { fill: #d9730d; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
  </style>
  <text class="title" x="8" y="20">${escaped(title)}</text>
${rows.join("\n")}
</svg>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
