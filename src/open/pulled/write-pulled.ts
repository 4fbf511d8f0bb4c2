/** Writes a pulled directory: the text of some chunks of a batch, and `pulled.json` as the last file. */
import { mkdirSync, readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PulledBatch, PulledChunk, PulledSource } from "../../batch/pulled/pulled-chunk.ts";
import { bareChunk } from "../../batch/pulled/pulled-shape.ts";
import { bytesOfText } from "../../core/records/pulled-text.ts";
import { FanjoinError, reasonOf, usage } from "../../core/errors/errors.ts";
import type { PulledPage, PulledPart } from "../../door/fanjoin.ts";
import { makeDirectory } from "../../local/directory/files/make-directory.ts";
import { PULLED_FILE, pulledText, textFile } from "./pulled-format.ts";

export interface WrittenPull {
  readonly chunks: number;
  /** Of the input. */
  readonly bytes: number;
}

/**
 * Makes `directory`, for this user only: it holds a part of the input. It may exist, if it is empty. Throws
 * `USAGE` if it is not, `INPUT_CHANGED` if fewer bytes come than were announced, and what `pages` throws.
 * Makes nothing if no chunk comes.
 */
export async function writePulled(directory: string, pages: AsyncIterable<PulledPage>): Promise<WrittenPull> {
  const sources = new Map<number, PulledSource>();
  const chunks: PulledChunk[] = [];
  let batch: PulledBatch | null = null;
  let bytes = 0;
  for await (const page of pages) {
    if (page.chunks.length > 0 && batch === null) makeEmpty(directory);
    if (page.chunks.length > 0) batch ??= page.of;
    for (const source of page.sources)
      if (!isLonger(sources.get(source.source), source)) sources.set(source.source, source);
    for (const part of page.chunks) {
      bytes += await writeText(directory, part);
      chunks.push(bareChunk(part));
    }
  }
  if (batch === null) return { chunks: 0, bytes };
  await writeFile(
    join(directory, PULLED_FILE),
    only(pulledText({ ...batch, sources: [...sources.values()], chunks })),
  );
  return { chunks: new Set(chunks.map(({ chunk }) => chunk)).size, bytes };
}

function isLonger(one: PulledSource | undefined, other: PulledSource): boolean {
  return one !== undefined && one.head.length >= other.head.length;
}

/** Throws `USAGE`. */
function makeEmpty(directory: string): void {
  try {
    makeDirectory(dirname(directory));
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (isEmpty(directory)) return;
    throw usage(
      `--output ${directory} cannot be used: it has to be a new or an empty directory (${reasonOf(error)})`,
    );
  }
}

function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch {
    return false;
  }
}

async function writeText(directory: string, part: PulledPart): Promise<number> {
  const { chunk, text, read } = part;
  if (text === null) return 0;
  const written = await writeFile(join(directory, textFile(part)), read());
  const expected = bytesOfText(text);
  if (written === expected) return written;
  throw new FanjoinError(
    "INPUT_CHANGED",
    `the input of chunk ${chunk} has ${written} bytes in place of ${expected}: it has changed since the batch ran, or was cut off`,
  );
}

/** Fails if the file exists, also as a link. */
async function writeFile(path: string, content: AsyncIterable<Uint8Array | string>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  let bytes = 0;
  try {
    for await (const block of content) {
      await file.writeFile(block);
      bytes += Buffer.byteLength(block);
    }
  } finally {
    await file.close();
  }
  return bytes;
}

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}
