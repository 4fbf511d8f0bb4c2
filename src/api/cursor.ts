/** Where a page of batches ended, as a text that nobody has to understand. */
import { badRequest } from "./problem.ts";

const CURSOR = /^[0-9A-Z]{1,64}$/;

export function cursorAfter(batch: string): string {
  return Buffer.from(batch).toString("base64url");
}

/** The batch after which the list goes on. Throws `REQUEST_INVALID`. */
export function batchBefore(cursor: string): string {
  const batch = Buffer.from(cursor, "base64url").toString("latin1");
  if (CURSOR.test(batch) && cursorAfter(batch) === cursor) return batch;
  throw badRequest(
    "cursor is not one that an earlier page gave: leave it out to begin with the newest batch",
  );
}
