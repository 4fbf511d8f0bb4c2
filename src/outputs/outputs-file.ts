/** The file of an ended batch, which has all outputs of its newest generation in input order. */
import { filesOf } from "../batch/summary/files.ts";
import type { BatchFiles } from "../batch/summary/files.ts";
import { generationOf } from "../core/records/batch/batch.ts";
import type { Fields } from "../core/records/record.ts";
import { passOver } from "./history.ts";
import type { History } from "./history.ts";
import type { ReadPosition } from "./read-position.ts";

/**
 * The file, if the reader can go on in it: in input order, in its first pass, and if that is over the newest
 * generation. `null`: the reader has to read the tree. A batch that failed or was cancelled may have given up
 * a join, whose outputs its file lacks.
 */
export function outputsFileOf(
  record: Fields,
  history: History,
  position: ReadPosition,
): NonNullable<BatchFiles["outputs"]> | null {
  const { state } = record;
  const isComplete = history.ended && (state === "succeeded" || state === "completed-with-failures");
  if (!isComplete || position.order !== "input" || !position.isBase) return null;
  const pass = passOver(history, position.base);
  if (!pass || pass.generation !== history.readable.at(-1)) return null;
  return filesOf(record)?.outputs ?? null;
}

/** Whether the batch has not been redriven since `before` was read: a redrive replaces the file. */
export function isSameEnd(before: Fields, now: Fields | null): boolean {
  return now !== null && generationOf(now) === generationOf(before) && now["endedAt"] === before["endedAt"];
}
