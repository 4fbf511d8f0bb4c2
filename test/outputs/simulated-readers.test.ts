import { expect, test } from "vitest";
import { generationOf } from "../../src/core/records/batch/batch.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import { chance } from "../../src/core/chance.ts";
import { simulate } from "../simulation/simulate.ts";
import { PageReader, sourceOf } from "./page-reader.ts";

/** `FANJOIN_SEED` is the only seed to run; `FANJOIN_SEEDS` is how many seeds to run. */
const { FANJOIN_SEED, FANJOIN_SEEDS = "60" } = process.env;
const seeds =
  FANJOIN_SEED === undefined
    ? Array.from({ length: Number(FANJOIN_SEEDS) }, (_, n) => n + 1)
    : [Number(FANJOIN_SEED)];

/** Readers that begin at some moment, and read a page now and then. */
class Readers {
  readonly #random;
  readonly all: { readonly begunIn: number; readonly reader: PageReader; readonly inOrder: boolean }[] = [];

  constructor(seed: number) {
    this.#random = chance(seed + 1_000_000);
  }

  async observe(one: Stage): Promise<void> {
    if (one.batch()["job"] === undefined || !this.#random.oneIn(12)) return;
    if (this.all.length < 6 && this.#random.oneIn(3)) await this.begin(one);
    for (const { reader } of this.all) if (this.#random.oneIn(2)) await reader.page();
  }

  /** Its base is the generation of its first page. */
  async begin(one: Stage): Promise<void> {
    const inOrder = this.#random.oneIn(2);
    const most = this.#random.oneIn(2) ? 12 : 3000;
    const size = (): number => 1 + this.#random.below(most);
    const reader = new PageReader(sourceOf(one), BATCH, inOrder ? "input" : "completed", size);
    this.all.push({ begunIn: generationOf(one.batch()), reader, inOrder });
    await reader.page();
  }
}

/** What a reader has read, as it has to be compared: in any order where that is not promised. */
const read = (values: readonly unknown[], isOrdered: boolean): readonly unknown[] =>
  isOrdered ? values : values.map(String).toSorted();

test("whatever happens to a batch and its redrives, a reader gets each output once, in input order if it asks for that", async () => {
  expect.hasAssertions();
  for (const seed of seeds) {
    try {
      const readers = new Readers(seed);
      const simulated = await simulate(seed, (one) => readers.observe(one));
      const { one } = simulated;
      /** The outputs of each generation. */
      const ends: unknown[][] = [];
      for (let redrives = 0; redrives < 3; redrives++) {
        if (redrives > 0) await simulated.redrive();
        await readers.begin(one);
        ends[generationOf(one.batch())] = one.outputs();
        for (const { reader, inOrder, begunIn } of readers.all) {
          expect(await reader.drain()).toBe("ended");
          const all = reader.values;
          expect(read(all, false)).toEqual(read(one.outputs(), false));
          const first = ends[begunIn] ?? [];
          expect(read(all.slice(0, first.length), inOrder)).toEqual(read(first, inOrder));
        }
      }
    } catch (error) {
      throw new Error(`seed ${seed} fails; FANJOIN_SEED=${seed} reproduces it`, { cause: error });
    }
  }
});
