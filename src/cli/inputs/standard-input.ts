/**
 * Standard input as an input like any other: it is kept below the state directory first, so that the batch
 * can be resumed.
 */
import { createHash } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FanjoinError } from "../../core/errors.ts";
import type { Source } from "../../input/reader.ts";
import { syncPaths } from "../../local/store/segments.ts";
import { PART } from "../../local/directory/orphans.ts";
import { unwritable } from "../../local/store/store-error.ts";
import { openForReading } from "../../local/store/open-file.ts";
import { bytes } from "../display/format.ts";
import { listenForInterrupts } from "../follow/interrupts.ts";

/** Stands for standard input as long as it has not been read. */
export const STANDARD_INPUT: Source = { name: "-", label: "-", size: 0, version: "" };

export interface KeptInput {
  readonly source: Source;
  /** The same for the same bytes. */
  readonly fingerprint: string;
  /** Nobody wants it after all. */
  discard(): Promise<void>;
}

export interface KeepOptions {
  readonly directory: string;
  readonly batch: string;
  readonly quiet: boolean;
}

const SHOW_MS = 100;

/**
 * Reads standard input to its end; `null` if somebody presses Ctrl-C before: then nothing is left of it.
 * Throws `DIRECTORY_UNUSABLE`.
 */
export async function keepStandardInput(
  { directory, batch, quiet }: KeepOptions,
  stream: NodeJS.ReadStream = process.stdin,
): Promise<KeptInput | null> {
  const name = `batches/${batch}/stdin`;
  const path = join(directory, name);
  const discard = async (): Promise<void> => rm(dirname(path), { recursive: true, force: true });
  if (stream.isTTY) console.error("reading standard input: type it, and end it with Ctrl-D");
  const show = quiet || stream.isTTY ? () => {} : meter();
  using interrupts = listenForInterrupts();
  let interrupted = false;
  void interrupts.first.then(() => {
    interrupted = true;
    stream.destroy();
  });
  try {
    const fingerprint = await copy(stream, path, show);
    const { bytes: size, version } = stat(path);
    return { source: { name, label: "-", size, version }, fingerprint, discard };
  } catch (error) {
    await discard().catch(() => undefined);
    if (interrupted) return null;
    throw isReading(error)
      ? new FanjoinError("INPUT_INVALID", `standard input cannot be read: ${error.message}`, { cause: error })
      : unwritable(path, error);
  } finally {
    show(null);
  }
}

function isReading(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && error.syscall === "read";
}

/** Returns the hash of what was copied. */
async function copy(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  show: (done: number) => void,
): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  // A part of it is no input: whoever opens the directory next removes what a killed process left.
  const part = `${path}${PART}`;
  const file = await open(part, "wx");
  const hash = createHash("sha256");
  let done = 0;
  try {
    for await (const block of stream) {
      hash.update(block);
      await file.writeFile(block);
      done += block.length;
      show(done);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncPaths([dirname(path), dirname(dirname(path))]);
  return hash.digest("base64url");
}

function stat(path: string): { readonly bytes: number; readonly version: string } {
  const file = openForReading(path);
  try {
    return file.stat();
  } finally {
    file.close();
  }
}

/** Shows on a terminal how much was read; `null` takes that away. */
function meter(): (done: number | null) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  let lastMs = -SHOW_MS;
  return (done) => {
    const nowMs = performance.now();
    if (done !== null && nowMs - lastMs < SHOW_MS) return;
    lastMs = nowMs;
    stderr.write(done === null ? "\r\u001B[K" : `\rreading standard input: ${bytes(done)}\u001B[K`);
  };
}
