/** The segments of several batches: each batch has a folder of its own, so that it can be dropped. */
import { join } from "node:path";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";
import { createSegments } from "./segments.ts";
import type { Segments, SpareBuffers } from "./segments.ts";

/** The segments of one batch, by its folder below the state directory. */
export function segmentFolder(batch: string): string {
  return `segments/${batch}`;
}

/** A batch that was written for before so many others begins a file of its own when it comes back. */
const BATCHES_AT_ONCE = 64;

interface OfBatch {
  readonly segments: Segments;
  readonly store: ObjectStore;
}

export interface BatchSegments {
  /** `base`, which creates the objects of `batch` in its folder. */
  storeOf(batch: string, base: ObjectStore): ObjectStore;
  touched(): string[];
  close(): void;
}

/** `name`: of the files that this thread writes, one for each batch. */
export function createBatchSegments(directory: string, name: string): BatchSegments {
  const batches = new Map<string, OfBatch>();
  /** Those that objects were begun in since the last call of `touched`, which is called for every answer. */
  const written = new Set<Segments>();
  const spare: SpareBuffers = [];
  let touched: string[] = [];
  let made = 0;

  function rest(segments: Segments): void {
    written.delete(segments);
    touched.push(...segments.touched());
    // A file that is open keeps its room on the disk after it was removed.
    segments.close();
  }

  function begin(batch: string, base: ObjectStore): OfBatch {
    for (const [oldest, { segments }] of batches) {
      if (batches.size < BATCHES_AT_ONCE) break;
      rest(segments);
      batches.delete(oldest);
    }
    const own = made++ === 0 ? name : `${name}b${made}`;
    const segments = createSegments(directory, join(segmentFolder(batch), own), spare);
    const create = (): ObjectWriter => {
      written.add(segments);
      return segments.create();
    };
    return { segments, store: { ...base, create } };
  }

  return {
    storeOf(batch, base) {
      const found = batches.get(batch) ?? begin(batch, base);
      // Last in the order of their use.
      batches.delete(batch);
      batches.set(batch, found);
      return found.store;
    },
    touched() {
      for (const segments of written) rest(segments);
      if (touched.length === 0) return [];
      const paths = [...new Set(touched)];
      touched = [];
      return paths;
    },
    close() {
      for (const { segments } of batches.values()) segments.close();
    },
  };
}
