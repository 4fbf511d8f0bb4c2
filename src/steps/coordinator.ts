/** The coordinator: cuts the input of a batch into chunks, writes the plan, sends the chunks, and closes the tree's edge. */
import type { Failure } from "../core/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { PlanMessage } from "../core/message.ts";
import { begin } from "../core/protocol.ts";
import { MAX_ENTRY_CHUNKS, MAX_PACKED, pack } from "../core/plan.ts";
import type { PlanEntry, PlannedRange } from "../core/plan.ts";
import { nextChunks } from "../core/sizing.ts";
import type { Pace } from "../core/sizing.ts";
import { FAN_IN, leafOf, nodeKey, NodeView } from "../core/tree.ts";
import { readerKinds } from "../input/kinds.ts";
import type { Cutter, Range } from "../input/reader.ts";
import { readSpec, unitsAfter } from "./batch.ts";
import type { BatchSpec } from "./batch.ts";
import { perform } from "./perform.ts";
import type { Ports } from "./perform.ts";
import { Surveyor } from "./survey.ts";

export async function coordinator(ports: Ports, message: PlanMessage): Promise<void> {
  await using planner = new Planner(ports, message.batch);
  const surveyor = new Surveyor(ports, message.batch);
  await perform(ports, begin(message), {
    cut: ({ last }) => planner.cut(last),
    survey: ({ generation, page }) => surveyor.page(generation, page),
  });
}

/** One invocation's way through the input: the reader stays open from entry to entry. */
class Planner implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #batch: string;
  #spec: BatchSpec | null = null;
  #cutter: Cutter | null = null;
  #last: Range | null = null;

  constructor(ports: Ports, batch: string) {
    this.#ports = ports;
    this.#batch = batch;
  }

  /** The ranges of the entry after `last`; none at the end of the input; an input that cannot be read is a failure, not a throw. */
  async cut(last: PlanEntry | null): Promise<PlannedRange[] | Failure> {
    try {
      return await this.#cut(last);
    } catch (thrown) {
      if (!(thrown instanceof FanjoinError) || thrown.retryable) throw thrown;
      return { code: thrown.code, message: thrown.message };
    }
  }

  async #cut(last: PlanEntry | null): Promise<PlannedRange[]> {
    const spec = await this.#load();
    const cutter = await this.#at(spec, last?.ranges.at(-1) ?? null);
    const { unit } = readerKinds[spec.input.reader];
    const pace = await this.#pace(last);
    const { chunk, concurrency = 1 } = spec;
    let left = unitsAfter(spec.input, last?.ranges.at(-1) ?? null);
    const ranges: Range[] = [];
    while (ranges.length < MAX_ENTRY_CHUNKS) {
      const bounds = { unit, ...chunk, concurrency, left };
      const next = nextChunks(last ? last.entry + 1 : 0, bounds, pace);
      const range = ranges.length < next.count ? await cutter.next(next) : null;
      if (!range) break;
      ranges.push(range);
      if (left !== null) left = Math.max(0, left - (range.end - range.start));
      this.#last = range;
      // Ranges of many small sources take more room than neighbours do.
      if (ranges.length * 40 > MAX_PACKED && pack(ranges).length > MAX_PACKED - 40) break;
    }
    return ranges;
  }

  async #load(): Promise<BatchSpec> {
    return (this.#spec ??= await readSpec(this.#ports.ledger, this.#batch));
  }

  /** The reader, positioned after `last`. It is there already, unless another planner's entry was adopted. */
  async #at(spec: BatchSpec, last: Range | null): Promise<Cutter> {
    const there = this.#last?.source === last?.source && this.#last?.end === last?.end;
    if (this.#cutter && there) return this.#cutter;
    await this.#cutter?.close();
    const { sources, options, reader } = spec.input;
    this.#cutter = readerKinds[reader].cut({ sources, options, store: this.#ports.store, after: last });
    this.#last = last;
    return this.#cutter;
  }

  /** What the newest settled chunks took. Progress may be read stale. */
  async #pace(last: PlanEntry | null): Promise<Pace | null> {
    if (!last) return null;
    const newest = leafOf(last.first, FAN_IN);
    const leaves = [newest, Math.max(0, newest - 1), 0].map((index) =>
      nodeKey({ batch: this.#batch, generation: 0, level: 0, index }),
    );
    const records = await this.#ports.ledger.read(leaves, { stale: true });
    for (const record of records) {
      const { units, ms, succeeded, failed } = new NodeView(record, FAN_IN).totals();
      if (units > 0) return { units, ms, items: succeeded + failed };
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cutter?.close();
  }
}
