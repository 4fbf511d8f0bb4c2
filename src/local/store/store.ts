/**
 * The object store on plain files: users' inputs by `file:` or `s3:` URL, fanjoin's own objects below one
 * directory.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import { compose } from "./compose.ts";
import { createS3Inputs, isOnS3 } from "./s3-inputs.ts";
import { createBatchSegments } from "./batch-segments.ts";
import { removeFolder } from "./remove-folder.ts";
import { reading } from "./store-error.ts";
import { openForReading, openOwnForReading, statOf } from "./open-file.ts";

export interface LocalStoreOptions {
  /** Where fanjoin's own objects live. */
  readonly directory: string;
  /** Unique for each thread and start, so that no two writers ever share a file. */
  readonly segmentName: string;
  /**
   * Whether nothing else could be done while a file is read. A block is then read at once: to hand each one
   * to a thread of Node's pool was a fifth of the system's time for a CSV file.
   */
  readonly readsAtOnce?: () => boolean;
}

export interface LocalStore extends ObjectStore {
  /**
   * Absolute paths of the files written since the last call, and the directories of new files. `syncPaths`
   * has to sync them before a commit names them.
   */
  touched(): string[];
  /** Closes the segment files. */
  close(): void;
}

/**
 * A few pieces of a reader: a larger block outlives the young generation, and 60 MB of dead ones pile up in
 * every thread (`bench csv`).
 */
const BLOCK_BYTES = 256 * 1024;
/** For a consumer that hands blocks back, e.g. a planner: a few of them go round, and less time is waited. */
const RETURNED_BLOCK_BYTES = 1024 * 1024;

export function createLocalStore({
  directory,
  segmentName,
  readsAtOnce = () => false,
}: LocalStoreOptions): LocalStore {
  const segments = createBatchSegments(directory, segmentName);
  const pathOf = (name: string): string => pathOfName(directory, name);
  const s3 = createS3Inputs();
  const store: ObjectStore = {
    sums: true,
    remote: isOnS3,
    of: (batch) => segments.storeOf(batch, store),
    create() {
      throw new Error("an object belongs to a batch: `of(batch)` makes it");
    },
    async stat(name) {
      if (isOnS3(name)) return s3.stat(name);
      const path = pathOf(name);
      const stats = reading(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
      return stats?.isFile() ? statOf(stats) : null;
    },
    read: (name, start, end, version) =>
      isOnS3(name)
        ? s3.read(name, start, end, version)
        : blocks(directory, { name, start, end, version, atOnce: readsAtOnce() }),
    compose: async (name, pieces, { kept = false } = {}) =>
      compose(pathOf(name), pieces, { pathOf, synced: !kept }),
    removeFolder: async (name) => removeFolder(pathOf(name)),
  };
  return Object.assign(store, { touched: () => segments.touched(), close: () => segments.close() });
}

interface Wanted {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly version: string | undefined;
  readonly atOnce: boolean;
}

async function* blocks(
  directory: string,
  { name, start, end, version, atOnce }: Wanted,
): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
  const path = pathOfName(directory, name);
  let spare: Uint8Array | undefined;
  let most = BLOCK_BYTES;
  // An empty segment may have no file.
  if (end <= start && version === undefined) return;
  const file = isInput(name) ? openForReading(path) : openOwnForReading(path);
  try {
    const { bytes } = file.stat(version);
    const last = Math.min(end, bytes);
    for (let position = start; position < last;) {
      const wanted = Math.min(most, last - position);
      // A fresh one each time, because the consumer may keep it, unless it hands one back.
      const block: Uint8Array = spare?.length === wanted ? spare : Buffer.allocUnsafeSlow(wanted);
      const read = await file.read(block, position, atOnce);
      if (read === 0) break;
      spare = yield read === block.length ? block : block.subarray(0, read);
      if (spare !== undefined) most = RETURNED_BLOCK_BYTES;
      position += read;
    }
    file.stat(version);
  } finally {
    file.close();
  }
}

/** Whether a name is that of a user's file. */
function isInput(name: string): boolean {
  return name.startsWith("file:");
}

/** The path of a name. Relative names stay below `directory`. */
function pathOfName(directory: string, name: string): string {
  if (isInput(name)) return fileURLToPath(name);
  const parts = name.split("/");
  const plain = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!plain || /[\\:\0]/.test(name)) {
    throw new FanjoinError(
      "INPUT_INVALID",
      `${JSON.stringify(name)} is not a file: URL or a plain relative name.`,
    );
  }
  return join(directory, ...parts);
}
