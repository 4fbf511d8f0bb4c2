/** Follows the outputs of a batch, page by page, until they have ended. */
import type { OutputOrder } from "../outputs/read-position.ts";
import type { OutputsPage } from "../outputs/read-outputs.ts";
import type { FollowOptions } from "./fanjoin.ts";

/** Which outputs of a batch are read, and how. */
export interface OutputsOptions extends FollowOptions {
  /**
   * `input`, the default: in input order; a slow item holds back what comes after it. `completed`: as chunks
   * settle.
   */
  readonly order?: OutputOrder | undefined;
  /** The cursor of a page, after which to go on. A program may keep it, and go on another day. */
  readonly after?: string | undefined;
}

/** Outputs that became ready together. */
export interface OutputPage {
  /** JSON lines. A very long line goes on in the next page. */
  readonly blocks: readonly Uint8Array[];
  /** Goes on after this page. */
  readonly cursor: string;
}

/** Reads the outputs of one batch, wherever it runs. */
export interface OutputsReader {
  page(after: string): Promise<Pick<OutputsPage, "blocks" | "cursor" | "state">>;
  /** Resolves when there may be more. Throws `BATCH_NOT_READY` if nobody works on the batch any more. */
  more(): Promise<void>;
}

/** Memory holds one page, however slow the consumer is. Throws the reason of `signal`. */
export async function* outputPages(
  reader: OutputsReader,
  { after = "", signal }: OutputsOptions,
): AsyncGenerator<OutputPage> {
  for (let cursor = after; ;) {
    signal?.throwIfAborted();
    const page = await reader.page(cursor);
    ({ cursor } = page);
    if (page.blocks.length > 0) yield { blocks: page.blocks, cursor };
    if (page.state === "ended") return;
    if (page.state === "waiting") await reader.more();
  }
}

export async function* blocksOf(pages: AsyncIterable<OutputPage>): AsyncGenerator<Uint8Array> {
  for await (const { blocks } of pages) yield* blocks;
}
