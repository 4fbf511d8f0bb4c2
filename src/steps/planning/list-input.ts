/**
 * Lists the objects that a batch was submitted with, and records them as its input. Any number of objects is
 * listed in little memory: many of them are written out as they come, and another coordinator goes on where
 * the time of this one ends.
 */
import { recordInput } from "../../core/records/batch/listing.ts";
import type { Segment } from "../../core/records/contribution.ts";
import type { ListPlace } from "../../core/records/message.ts";
import { runsOf } from "../../batch/job-input.ts";
import { fitIntoRecord } from "../../batch/sources.ts";
import { parseSpec, storedInput } from "../../batch/spec.ts";
import type { BatchInput, BatchSpec, NamedObjects, StoredList } from "../../batch/spec.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { Source } from "../../input/reader.ts";
import { EMPTY_LIST, listPart } from "../../input/sources/source-list.ts";
import { isMeasured } from "../../input/unpack/source-text.ts";
import type { ObjectWriter, Ports } from "../../ports.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";
import { listedObjects } from "./listed-objects.ts";

/** The coordinator's time is up. Another one has to go on listing from `place`. */
export class ListingOutOfTime extends Error {
  override readonly name = "ListingOutOfTime";
  readonly place: ListPlace;

  constructor(place: ListPlace) {
    super(`listing goes on after ${place.count} objects`);
    this.place = place;
  }
}

export interface InputListing {
  readonly ports: Ports;
  readonly spec: BatchSpec;
  readonly from: NamedObjects;
  /** `null`: from the beginning. */
  readonly place: ListPlace | null;
  readonly timeBudget: TimeBudget | null;
}

/**
 * Returns the spec with the input that counts, which another coordinator may have recorded; with `from` if
 * the batch has ended. Throws `ListingOutOfTime`, and what `listedObjects` throws.
 */
export async function listInput(listing: InputListing): Promise<BatchSpec> {
  const { ports, spec } = listing;
  const input = await new InputList(listing).run();
  const { record } = await ports.ledger.update(recordInput(spec.batch, storedInput(input)));
  return parseSpec(spec.batch, record);
}

/** What one coordinator lists. Few sources are held; many are written. */
class InputList {
  readonly #listing: InputListing;
  readonly #index: ObjectWriter;
  readonly #lines: ObjectWriter;
  #listed: Omit<ListPlace, "after" | "index" | "lines">;
  #held: Source[] = [];
  #isWritten: boolean;

  constructor(listing: InputListing) {
    const { ports, spec, place } = listing;
    const store = ports.store.of(spec.batch);
    this.#listing = listing;
    this.#index = store.create("input/index");
    this.#lines = store.create("input/lines");
    this.#listed = place ?? { ...EMPTY_LIST, lastBytes: 0, measured: true };
    this.#isWritten = place !== null;
  }

  async run(): Promise<BatchInput> {
    const { ports, from, place, timeBudget } = this.#listing;
    const { objects, store } = ports;
    if (!objects) throw new Error("this platform finds all inputs before a batch is submitted");
    for await (const { sources, after } of listedObjects({ objects, store }, from, place?.after ?? null)) {
      this.#held.push(...sources);
      const isOver = timeBudget?.isOver() === true;
      if (this.#isWritten || isOver || !fitIntoRecord(this.#held)) await this.#write();
      if (isOver) throw new ListingOutOfTime({ ...this.#listed, after, ...(await this.#segments()) });
    }
    return this.#input();
  }

  async #write(): Promise<void> {
    const { reader, options } = this.#listing.spec.input;
    const { index, lines, length } = listPart(this.#listed, this.#held);
    await this.#index.write(index);
    await this.#lines.write(lines);
    const measured = this.#held.every((source) => isMeasured(readerKinds[reader], source, options));
    const lastBytes = this.#held.at(-1)?.size ?? this.#listed.lastBytes;
    this.#listed = { ...length, lastBytes, measured: measured && this.#listed.measured };
    this.#held = [];
    this.#isWritten = true;
  }

  /** Of this coordinator and those before it. */
  async #segments(): Promise<Pick<ListPlace, "index" | "lines">> {
    const { index = [], lines = [] } = this.#listing.place ?? {};
    return {
      index: [...index, await this.#index.close()],
      lines: [...lines, await this.#lines.close()],
    };
  }

  async #input(): Promise<BatchInput> {
    const { from: _, ...input } = this.#listing.spec.input;
    const isFiles = input.reader === "files";
    const runs = runsOf(input.reader, this.#listed.count + this.#held.length);
    if (!this.#isWritten && !isFiles) return { ...input, ...runs, sources: this.#held };
    await this.#write();
    const list = await this.#compose();
    if (!isFiles) return { ...input, ...runs, list };
    const { name, version, count: size } = list;
    return { ...input, sources: [{ name, label: "files", size, version }] };
  }

  async #compose(): Promise<StoredList> {
    const { ports, spec } = this.#listing;
    const { count, bytes, lastBytes, measured } = this.#listed;
    const { index, lines } = await this.#segments();
    const name = `batches/${spec.batch}/input-${ports.newTag()}.jsonl`;
    await ports.store.compose(name, inOrder([...index, ...lines]));
    const stat = await ports.store.stat(name);
    if (!stat) throw new Error(`the list ${name} was written, but the store does not have it`);
    return { name, version: stat.version, count, bytes, lastBytes, measured };
  }
}

async function* inOrder(segments: readonly Segment[]): AsyncGenerator<Segment> {
  yield* segments;
}
