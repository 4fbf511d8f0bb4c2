/** Uploads the input of a batch from files and streams of this process. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputStream } from "../../door/fanjoin.ts";
import type { Source } from "../../input/reader.ts";
import { blocksOfFile, versionOf } from "../../find-inputs/file-version.ts";
import { placed } from "./placed-input.ts";
import type { ApiInput, Files, RemoteInput, Sending } from "./placed-input.ts";
import { fileOf, nameToSend } from "./resolve-inputs.ts";
import type { LocalFile } from "./resolve-inputs.ts";
import { uploadAll } from "./upload-files.ts";

/** Returns the input in the form that the API expects. This does not start a batch. */
export async function placeInput(
  sending: Sending,
  sources: readonly (Source | InputStream | string)[],
): Promise<ApiInput> {
  const directory = await mkdtemp(join(tmpdir(), "fanjoin-submit-"));
  try {
    const inputs: RemoteInput<LocalFile>[] = [];
    for (const source of sources) {
      if (typeof source === "string") inputs.push({ url: source });
      else inputs.push({ file: await fileOf(source, directory) });
      sending.signal?.throwIfAborted();
    }
    return await placed(sending, inputs, filesIn(directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** New files are written to `directory`. */
function filesIn(directory: string): Files<LocalFile> {
  return {
    nameOf: nameToSend,
    async digest({ path }, signal) {
      const hash = createHash("sha256");
      for await (const block of blocksOfFile(path, signal ? { signal } : {})) hash.update(block);
      return hash.digest("hex");
    },
    digestOfText: async (text) => createHash("sha256").update(text).digest("hex"),
    async written(label, text) {
      const path = join(directory, label);
      await writeFile(path, text);
      return { path, bytes: Buffer.byteLength(text), label, version: versionOf(path) };
    },
    upload: uploadAll,
  };
}
