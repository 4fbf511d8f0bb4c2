/** Reads the outputs of a batch in pages of random sizes, each from the cursor of the one before. */
import { readOutputs } from "../../src/outputs/read-outputs.ts";
import type { OutputsSource, OutputsState } from "../../src/outputs/read-outputs.ts";
import type { OutputOrder } from "../../src/outputs/read-position.ts";
import type { Stage } from "../steps/stage.ts";

export function sourceOf({ ledger, store }: Pick<Stage, "ledger" | "store">): OutputsSource {
  return { ledger, store, fileName: (_batch, stored) => stored };
}

export class PageReader {
  readonly #source: OutputsSource;
  readonly #batch: string;
  readonly #order: OutputOrder;
  readonly #pageBytes: () => number;
  cursor = "";
  text = "";
  pages = 0;

  constructor(
    source: OutputsSource,
    batch: string,
    order: OutputOrder,
    pageBytes: () => number = () => 1000,
  ) {
    this.#source = source;
    this.#batch = batch;
    this.#order = order;
    this.#pageBytes = pageBytes;
  }

  async page(): Promise<OutputsState> {
    const { blocks, cursor, state } = await readOutputs(this.#source, this.#batch, {
      after: this.cursor,
      order: this.#order,
      maxBytes: this.#pageBytes(),
    });
    this.cursor = cursor;
    this.pages++;
    // A page that cut a character would have other text.
    this.text += Buffer.concat(blocks).toString();
    return state;
  }

  /** Reads on until nothing more is ready. */
  async drain(): Promise<OutputsState> {
    for (;;) {
      const state = await this.page();
      if (state !== "ready") return state;
    }
  }

  get values(): unknown[] {
    if (this.text === "") return [];
    return this.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }
}
