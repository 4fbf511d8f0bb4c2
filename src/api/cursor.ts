/** Cursors of pages: the last batch of a page, as an opaque text. */
import { badRequest } from "./problem.ts";

const CURSOR = /^[0-9A-Z]{1,64}$/;

export function cursorAfter(batch: string): string {
  return Buffer.from(batch).toString("base64url");
}

/** The batch after which the next page begins. Throws `REQUEST_INVALID`. */
export function batchBefore(cursor: string): string {
  const batch = Buffer.from(cursor, "base64url").toString("latin1");
  if (CURSOR.test(batch) && cursorAfter(batch) === cursor) return batch;
  throw badRequest("cursor does not come from an earlier page: leave it out to begin with the newest batch");
}
