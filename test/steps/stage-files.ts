/** What a stage's batch has written, and what was logged. */
import type { BatchFiles } from "../../src/batch/summary/files.ts";
import type { MemoryStore } from "../../src/testing/memory/store.ts";
import type { Stage } from "./stage.ts";

export function logger(lines: string[]) {
  const say = (message: string): void => void lines.push(message);
  return { debug: say, info: say, warn: say, error: say };
}

export function filesOf(of: Stage): BatchFiles {
  if (!of.ended()) throw new Error(`the batch has not ended: ${of.log.join("\n")}`);
  return (of.batch()["result"] ?? { result: null, outputs: null, failed: null }) as unknown as BatchFiles;
}

export function parsed(name: string | undefined, store: MemoryStore): unknown[] {
  return name === undefined ? [] : [JSON.parse(store.text(name))];
}

export function linesOf(name: string | undefined, store: MemoryStore): unknown[] {
  if (name === undefined) return [];
  const lines = store.text(name).split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no newline");
  return lines.map((line) => JSON.parse(line) as unknown);
}
