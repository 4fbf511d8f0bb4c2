/** Short names of lanes. */

/** `1–4` of `thread 1` to `thread 4`. */
export function rangeName(names: readonly string[]): string {
  const numbers = names.flatMap((name) => name.match(/\d+/g) ?? []);
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return names[0] ?? "";
  return first === last ? first : `${first}–${last}`;
}
