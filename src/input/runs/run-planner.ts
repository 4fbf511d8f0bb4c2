/** Plans runs: many small sources become one chunk, and mostly none of them is read. */
import { NativePromise } from "../../core/native-promise.ts";
import { MOST_SOURCES, runFrom } from "../../core/records/source-run.ts";
import type { PlannedRun, RunCutter } from "../cut/plan-entries.ts";
import type { ChunkSize, Source } from "../reader.ts";
import type { Sources } from "../sources/sources.ts";
import { promisedPacking } from "../unpack/packing.ts";
import { bytesOfSource, itemsInSource } from "./source-records.ts";
import type { RunRequest } from "./source-records.ts";

/** Larger sources are cut by the planner. A worker holds some small ones at once. */
const SMALL_BYTES = 64 * 1024;

export class RunPlanner implements RunCutter {
  readonly #request: RunRequest;
  readonly #sources: Sources;
  /** The newest source that was counted. */
  #counted: { readonly number: number; readonly items: number } | null = null;

  constructor(request: RunRequest, sources: Sources) {
    this.#request = request;
    this.#sources = sources;
  }

  /**
   * The run that begins with source number `first`; `null` if that has to be cut. Sources are read only where
   * the size bounds their items.
   */
  async next(first: number, size: ChunkSize): Promise<PlannedRun | null> {
    const mostItems = size.items ?? Number.MAX_SAFE_INTEGER;
    let sources = 0;
    let bytes = 0;
    let items = 0;
    while (sources < MOST_SOURCES) {
      const number = first + sources;
      const found = this.#sources.at(number);
      const source = found instanceof NativePromise ? await found : found;
      if (source === undefined || !isSmall(source) || bytes + source.size > size.bytes) break;
      const counted = mostItems < Number.MAX_SAFE_INTEGER ? await this.#itemsIn(number, source) : 0;
      if (items + counted > mostItems) break;
      sources++;
      bytes += source.size;
      items += counted;
    }
    return sources === 0 ? null : { range: runFrom(first, { sources, bytes }), items };
  }

  async #itemsIn(number: number, source: Source): Promise<number> {
    if (this.#counted?.number === number) return this.#counted.items;
    const bytes = await bytesOfSource(source, this.#request.store);
    const items = await itemsInSource(this.#request, source, bytes);
    this.#counted = { number, items };
    return items;
  }
}

/** Packed text may be a thousand times as large: the planner cuts it, and does not hold it in memory. */
function isSmall(source: Source): boolean {
  return source.size <= SMALL_BYTES && promisedPacking(source) === null;
}
