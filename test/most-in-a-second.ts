/** The most of these times, in milliseconds, that lie in one second. */
export function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  sorted.forEach((time, last) => {
    while (time - (sorted[first] ?? 0) >= 1000) first++;
    most = Math.max(most, last - first + 1);
  });
  return most;
}
