import { join } from "node:path";

/** Where a batch's file is on disk. */
export function batchFile(
  directory: string,
  batch: string,
  file: "result.json" | "outputs.jsonl" | "failed.jsonl",
): string {
  return join(directory, "batches", batch, file);
}
