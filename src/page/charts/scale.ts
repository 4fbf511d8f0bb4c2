/** Scales and their ticks. */

/** The end of an axis from 0 that holds `most`, and can be halved: 0, 90, 180. */
export function axisEnd(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 1.2, 1.6, 1.8, 2, 2.4, 3, 4, 5, 6, 8, 10].find((one) => one * power >= most * 1.001) ?? 10;
  return Number((step * power).toPrecision(6));
}

const STEPS_S = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800,
  21_600, 43_200, 86_400,
];

/** Seconds since the start that get a label: at most `most` of them, evenly apart. */
export function timeTicks(seconds: number, most: number): number[] {
  const step = STEPS_S.find((one) => seconds / one <= most) ?? Math.ceil(seconds / most / 86_400) * 86_400;
  const ticks: number[] = [];
  for (let at = step; at < seconds; at += step) ticks.push(Number(at.toFixed(3)));
  return ticks;
}
