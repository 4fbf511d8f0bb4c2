/**
 * Standard input as a source: it is copied into the state directory first, so that the batch can be resumed.
 */
import { createHash } from "node:crypto";
import { fstatSync, statSync, writeSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { FanjoinError } from "../../core/errors.ts";
import type { Source } from "../../input/reader.ts";
import { syncPaths } from "../../local/store/sync.ts";
import { makeDirectory } from "../../local/directory/make-directory.ts";
import { PART } from "../../local/directory/orphans.ts";
import { unwritable } from "../../local/store/store-error.ts";
import { openForReading } from "../../local/store/open-file.ts";
import { bytes } from "../display/format.ts";
import { isLive, say } from "../display/standard-error.ts";
import { listenForInterrupts } from "../follow/interrupts.ts";

/** Stands for standard input until it has been read. */
export const STANDARD_INPUT: Source = { name: "-", label: "-", size: 0, version: "" };

export interface KeptInput {
  readonly source: Source;
  /** Equal for equal bytes. */
  readonly fingerprint: string;
  /** Deletes the copy. */
  discard(): Promise<void>;
}

export interface KeepOptions {
  readonly directory: string;
  readonly batch: string;
  readonly quiet: boolean;
}

const SHOW_MS = 100;

/**
 * Reads standard input to its end. `null` if the user pressed Ctrl-C before that; then the copy is deleted.
 * Throws `DIRECTORY_UNUSABLE`, `INPUT_INVALID`.
 */
export async function keepStandardInput(
  { directory, batch, quiet }: KeepOptions,
  stream: NodeJS.ReadStream = process.stdin,
): Promise<KeptInput | null> {
  if (stream === process.stdin) checkDescriptor();
  const name = `batches/${batch}/stdin`;
  const path = join(directory, name);
  const discard = async (): Promise<void> => rm(dirname(path), { recursive: true, force: true });
  if (stream.isTTY) say("reading standard input from the terminal: end it with Ctrl-D");
  const show = quiet || stream.isTTY ? () => {} : byteCounter();
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
    throw isReadError(error)
      ? new FanjoinError("INPUT_INVALID", `standard input cannot be read: ${error.message}`, { cause: error })
      : unwritable(path, error);
  } finally {
    show(null);
  }
}

/**
 * Node opens `/dev/null` in place of a closed standard input, and reads nothing from a directory. So both
 * would be an empty input.
 */
function checkDescriptor(): void {
  const stats = fstatSync(0);
  if (stats.isDirectory()) throw refused("is a directory");
  const isNull = stats.isCharacterDevice() && stats.rdev === nullDevice();
  // A shell opens `< /dev/null` for reading only: that is an empty input on purpose.
  if (isNull && canWrite()) throw refused("is closed, or is /dev/null");
}

function nullDevice(): number | undefined {
  return statSync(devNull, { throwIfNoEntry: false })?.rdev;
}

/** Writes nothing. */
function canWrite(): boolean {
  try {
    writeSync(0, "");
    return true;
  } catch {
    return false;
  }
}

function refused(why: string): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `standard input ${why}: pipe the input in, or name a file in place of -`,
  );
}

function isReadError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && error.syscall === "read";
}

/** Returns the hash of the copied bytes. */
async function copy(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  show: (done: number) => void,
): Promise<string> {
  makeDirectory(dirname(path));
  // If this process is killed, the next one that opens the directory deletes the incomplete copy.
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
    return { ...file.stat(), version: file.sealed() };
  } finally {
    file.close();
  }
}

/** Shows on a terminal how much was read; `null` removes that. */
function byteCounter(): (done: number | null) => void {
  const { stderr } = process;
  if (!isLive(stderr)) return () => {};
  let lastMs = -SHOW_MS;
  return (done) => {
    const nowMs = performance.now();
    if (done !== null && nowMs - lastMs < SHOW_MS) return;
    lastMs = nowMs;
    stderr.write(done === null ? "\r\u001B[K" : `\rreading standard input: ${bytes(done)}\u001B[K`);
  };
}
