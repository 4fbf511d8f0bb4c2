import { join } from "node:path";
import type { BatchFile } from "../steps/summary.ts";

/** Where a batch's file is on disk. */
export function batchFile(directory: string, batch: string, file: BatchFile): string {
  return join(directory, "batches", batch, file);
}
