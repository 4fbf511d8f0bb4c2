/** The files of an ended batch. */
import type { Json } from "../core/json.ts";

export type BatchFile = "result.json" | "outputs.jsonl" | "failed.jsonl";

/** Where the files of a batch are found: paths on a machine, URLs elsewhere. */
export type Locate = (batch: string, file: BatchFile) => string;

/** The files of a finished batch, by object name. */
export interface Files {
  readonly result: { readonly name: string; readonly bytes: number; readonly value?: Json } | null;
  readonly outputs: { readonly name: string; readonly bytes: number } | null;
  readonly failed: { readonly name: string; readonly bytes: number } | null;
}
