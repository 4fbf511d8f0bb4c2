/** Tells inputs that one thread may be enough for from all others, before the job is loaded. */
import { statSync } from "node:fs";
import { isStream, pathOf } from "./given-input.ts";
import type { GivenInput } from "./given-input.ts";

/** One thread reads so much in less time than another one takes to start. */
const SMALL_BYTES = 64 * 1024;

/** Whether the inputs are files here that are small together. Nothing is known of any other input. */
export function isSmallInput(given: readonly GivenInput[]): boolean {
  if (given.length === 0) return false;
  return areSmall(given.map((input) => ({ size: isStream(input) ? Infinity : bytesOf(input) })));
}

/** `Infinity`: not known. An input that cannot be read is refused later, when it is. */
function bytesOf(input: string | URL): number {
  try {
    const file = statSync(pathOf(input));
    return file.isFile() ? file.size : Infinity;
  } catch {
    return Infinity;
  }
}

/** Whether all of these are small together. `size`: in bytes. */
export function areSmall(inputs: readonly { readonly size: number }[]): boolean {
  return inputs.reduce((sum, { size }) => sum + size, 0) <= SMALL_BYTES;
}
