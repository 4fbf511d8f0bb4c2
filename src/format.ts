/** Numbers for people. */

/** `1,240`. Not `toLocaleString`: its first call in a process takes 20 ms. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 item`, `2 items`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

const BYTE_UNITS = ["kB", "MB", "GB", "TB"] as const;

/** `999 B`, `1.2 kB`, `14 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  let scaled = value / 1000;
  let unit: string = BYTE_UNITS[0];
  for (const larger of BYTE_UNITS.slice(1)) {
    if (scaled < 999.5) break;
    scaled /= 1000;
    unit = larger;
  }
  return `${scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`;
}

/** `49 ms`, `0.4 s`, `12 s`, `2 min 05 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}

/** `310/s`, and below 10 with one decimal: `2.5/s`. */
export function rate(perSecond: number): string {
  return `${perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

/** Dollars, with as many digits as say something: "$18.40", "$0.0123". */
export function dollars(usd: number): string {
  if (usd >= 1 || usd === 0) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(usd >= 0.01 ? 4 : 6)}`;
}
