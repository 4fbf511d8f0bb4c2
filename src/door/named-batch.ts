/** How a caller names a batch. */
import { usage } from "../core/errors/errors.ts";
import type { FanjoinError } from "../core/errors/errors.ts";

/** In place of an id: the newest batch. */
export const LATEST = "latest";

export function ambiguous(prefix: string): FanjoinError {
  return usage(`more than one batch id begins with ${prefix}: give more characters of it`);
}
