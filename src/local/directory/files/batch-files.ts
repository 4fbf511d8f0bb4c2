/** The files of an ended batch on disk: where they are, and their bytes. */
import {
  constants,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FanjoinError, reasonOf } from "../../../core/errors/errors.ts";
import { noOutputFile, outputsFolderOf } from "../../../batch/summary/files.ts";
import type { BatchFileName } from "../../../batch/summary/files.ts";
import type { Json } from "../../../core/json/json.ts";
import { resultText } from "../../../runner/merge/result-text.ts";
import { makeDirectory } from "./make-directory.ts";
import { NEVER_WAIT, NO_FOLLOW, refuseLink } from "./own-files.ts";

/** The folder of a batch. */
export function batchFolder(directory: string, batch: string): string {
  return join(directory, "batches", batch);
}

/** Where a batch's file is on disk once it is published. */
export function batchFile(directory: string, batch: string, file: BatchFileName): string {
  return join(batchFolder(directory, batch), file);
}

/** Where the files of outputs by key are once they are published. */
export function outputsFolder(directory: string, batch: string): string {
  return join(batchFolder(directory, batch), "outputs");
}

/**
 * Where a batch's file is now. Until its owner has published it, it has the name `stored` that the ledger
 * has.
 */
export function presentFile(
  directory: string,
  batch: string,
  { file, stored }: { readonly file: BatchFileName; readonly stored: string },
): string {
  const unpublished = join(directory, stored);
  return existsSync(unpublished) ? unpublished : batchFile(directory, batch, file);
}

/** The text of `result.json`. */
export function resultFileText(value: Json): string {
  return `${resultText(value)}\n`;
}

/**
 * A small result is read from the record of its batch (`value`): its file may be lost in a power cut. Throws
 * `DIRECTORY_UNUSABLE` if the file is gone or a link.
 */
export async function* readBatchFile(
  directory: string,
  batch: string,
  names: { readonly file: BatchFileName; readonly stored: string; readonly value?: Json | undefined },
): AsyncGenerator<Uint8Array> {
  if (names.value !== undefined) {
    yield Buffer.from(resultFileText(names.value));
    return;
  }
  refuseLink(batchFolder(directory, batch));
  const unpublished = join(directory, names.stored);
  // Its owner may publish it at this moment.
  const fd = openOwn(unpublished) ?? openOwn(batchFile(directory, batch, names.file));
  if (fd === null) {
    throw new FanjoinError(
      "DIRECTORY_UNUSABLE",
      `The file ${batchFile(directory, batch, names.file)} is gone: somebody has moved or deleted it.`,
    );
  }
  yield* createReadStream("", { fd }) as AsyncIterable<Uint8Array>;
}

/** The bytes of a file of outputs by key. `stored`: the name of their list in the ledger. */
export async function* readOutputFile(
  directory: string,
  batch: string,
  { stored, file }: { readonly stored: string; readonly file: string },
): AsyncGenerator<Uint8Array> {
  const folder = outputsFolder(directory, batch);
  refuseLink(batchFolder(directory, batch));
  refuseLink(folder);
  const fd = openOwn(join(directory, outputsFolderOf(stored), file)) ?? openOwn(join(folder, file));
  if (fd === null) {
    throw noOutputFile(batch, file);
  }
  yield* createReadStream("", { fd }) as AsyncIterable<Uint8Array>;
}

/**
 * Writes a file into the folder of a batch that nothing depends on, whole or not at all. Returns its path.
 * Throws what the file system does, and `DIRECTORY_UNUSABLE` if the folder is a link.
 */
export function writeBeside(directory: string, batch: string, name: string, text: string): string {
  const folder = batchFolder(directory, batch);
  refuseLink(join(directory, "batches"));
  refuseLink(folder);
  makeDirectory(folder);
  const path = join(folder, name);
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, text, { flag: "wx" });
  renameSync(`${path}.new`, path);
  return path;
}

/** `null` if there is no such file. */
function openOwn(path: string): number | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | NO_FOLLOW | NEVER_WAIT);
    if (fstatSync(fd).isFile()) return fd;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    refuseLink(path);
    throw unreadable(path, reasonOf(error), error);
  }
  throw unreadable(path, "it is not a file");
}

function unreadable(path: string, reason: string, cause?: unknown): FanjoinError {
  return new FanjoinError("DIRECTORY_UNUSABLE", `${path} cannot be read: ${reason}.`, { cause });
}
