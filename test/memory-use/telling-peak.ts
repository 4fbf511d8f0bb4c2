/** The environment of a command that says its peak at its end. */
export const TELLING_PEAK = { NODE_OPTIONS: `--import=${new URL("tell-peak.ts", import.meta.url).href}` };

/** The peak of a command, in MiB. */
export function peakOf(stderr: string): number {
  return Number(/peak (\d+) MiB/.exec(stderr)?.[1]);
}
