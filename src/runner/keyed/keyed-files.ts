/** Writes the files of outputs by key, and the list of them, at the end of a batch. */
import type { BatchFiles } from "../../batch/summary/files.ts";
import type { KeyedPieces, Piece } from "../../core/records/contribution.ts";
import type { KeyedOutputs } from "../../joins/keyed-outputs.ts";
import type { ObjectStore } from "../../ports.ts";
import { blocksOf, linesOf } from "../contribution/piece-text.ts";
import { fileNames } from "./file-names.ts";

/** Files that are written at the same time. */
const MOST_FILES_AT_ONCE = 16;
/** Packed bytes are the same for the same text only if they are packed in the same steps. */
const STEP_BYTES = 64 * 1024;

export interface KeyedFilesRequest {
  readonly store: ObjectStore;
  /** Where the list comes, without its ending, and the folder of the files. */
  readonly base: string;
  readonly outputs: KeyedOutputs;
  readonly keyed: KeyedPieces;
}

/** Throws `MERGE_FAILED` where a value does not fit into its file. */
export async function writeKeyedFiles(
  request: KeyedFilesRequest,
): Promise<NonNullable<BatchFiles["outputs"]>> {
  const { store, base, outputs, keyed } = request;
  const names = await fileNames(
    outputs,
    keyed.map(({ key }) => key),
  );
  const ready = outputs.gzip || outputs.rewriter ? await rewritten(request) : keyed;
  const sizes = new Map<string, number>();
  const waiting = [...ready];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { key, pieces } = next;
      const head = outputs.gzip || outputs.head === "" ? [] : [{ text: outputs.head }];
      sizes.set(key, await store.compose(`${base}/${names.get(key)}`, each([...head, ...pieces])));
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_FILES_AT_ONCE, ready.length) }, work));
  const lines = keyed.map(({ key }) => {
    return `${JSON.stringify({ key, file: names.get(key), bytes: sizes.get(key) ?? 0 })}\n`;
  });
  const name = `${base}.jsonl`;
  const bytes = await store.compose(name, each([{ text: lines.join("") }]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return { name, bytes, files: { count: keyed.length, bytes: total } };
}

/** The text of all files, written out once more: as their first value decides, or packed. */
async function rewritten({ store, outputs, keyed }: KeyedFilesRequest): Promise<KeyedPieces> {
  const writer = store.create("outputs/by-key");
  const lengths: { readonly key: string; readonly length: number }[] = [];
  for (const { key, pieces } of keyed) {
    let length = 0;
    const text = textBlocks(store, outputs, pieces);
    for await (const block of outputs.gzip ? packed(text) : text) {
      await writer.write(block);
      length += block.length;
    }
    lengths.push({ key, length });
  }
  const { name, offset } = await writer.close();
  let at = offset;
  return lengths.map(({ key, length }) => {
    const piece = { name, offset: at, length };
    at += length;
    return { key, pieces: [piece] };
  });
}

async function* textBlocks(
  store: ObjectStore,
  { head, gzip, rewriter }: KeyedOutputs,
  pieces: readonly Piece[],
): AsyncGenerator<Uint8Array> {
  if (gzip && head !== "") yield Buffer.from(head);
  const rewrite = rewriter?.();
  for (const piece of pieces) {
    if (rewrite) for await (const line of linesOf(store, piece)) yield Buffer.from(rewrite(line));
    else if ("text" in piece) yield Buffer.from(piece.text);
    else yield* blocksOf(store, piece);
  }
}

async function* packed(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new CompressionStream("gzip");
  const fed = feed(writable, text);
  // What it throws comes out of `readable`, too, where somebody awaits it.
  fed.catch(() => undefined);
  yield* readable as unknown as AsyncIterable<Uint8Array>;
  await fed;
}

async function feed(writable: CompressionStream["writable"], text: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const step of equalSteps(text)) await writer.write(step);
    await writer.close();
  } catch (thrown) {
    await writer.abort(thrown);
    throw thrown;
  }
}

async function* equalSteps(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let step = new Uint8Array(STEP_BYTES);
  let used = 0;
  for await (const block of text) {
    for (let at = 0; at < block.length;) {
      const part = block.subarray(at, at + STEP_BYTES - used);
      step.set(part, used);
      used += part.length;
      at += part.length;
      if (used < STEP_BYTES) continue;
      yield step;
      step = new Uint8Array(STEP_BYTES);
      used = 0;
    }
  }
  if (used > 0) yield step.subarray(0, used);
}

async function* each(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}
