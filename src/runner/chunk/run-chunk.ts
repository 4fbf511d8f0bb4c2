/** Runs one chunk: its items in order through `process` into the chunk's result. */
import { NativePromise } from "../../core/native-promise.ts";
import { isUnreadable } from "../../input/unpack/damage.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { Source } from "../../input/reader.ts";
import { hasText, runReading } from "../../input/runs/run-records.ts";
import { unreadableKind } from "../../input/cut/spooled.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import type { AttemptContext } from "./attempt-context.ts";
import { ChunkRun } from "./chunk-run.ts";
import type { Ran } from "./chunk-run.ts";
import { inputOf } from "./pulled-reading.ts";
import type { Redo } from "./redo/redo.ts";

/**
 * Runs the items of one chunk, or those that a redo wants. `null` if it was interrupted. Throws, or rejects
 * with, what the store throws: the chunk is then tried again. A promise only if there is something to wait
 * for: for a small chunk, promises would cost more than all the rest.
 */
export function runChunk(context: AttemptContext, makeRedo: (() => Redo) | null = null): Ran {
  const { spec, message, store, signal } = context;
  const { sources, options, reader } = spec.input;
  const source = sources[message.source];
  if (!source)
    throw new RangeError(`chunk ${message.chunk} is of source ${message.source}, which the batch lacks`);
  const kind = readerKinds[reader];
  const { start, end } = message;
  const range = { source: message.source, start, end };
  const request = { source, range, options, store, signal };
  const run = (reading: ChunkReading): Ran => new ChunkRun(context, reading, makeRedo?.() ?? null).run();
  const orUnreadable = (thrown: unknown): Ran => {
    // An unreadable source costs one item. If it is the batch's only source, it ends the batch.
    if (!isUnreadable(thrown) || sources.length === 1) throw thrown;
    return run({ kind: unreadableKind(kind, null, thrown.message), request });
  };
  if (message.run !== undefined && hasText(kind)) {
    const at = (number: number): Source | undefined => sources[number];
    return run(runReading({ kind, options, store, signal }, { source: message.source, start, end, at }));
  }
  try {
    const outcome = run(inputOf(context, kind, request));
    return outcome instanceof NativePromise ? outcome.catch(orUnreadable) : outcome;
  } catch (thrown) {
    return orUnreadable(thrown);
  }
}
