/** Reads a pulled directory, which may come from somebody else: it is left by no link and no name. */
import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOfText } from "../../core/records/pulled-text.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import { NEVER_WAIT, NO_FOLLOW } from "../../local/directory/files/own-files.ts";
import { PULLED_FILE, invalid, parsePulled, textFile } from "./pulled-format.ts";
import type { Pulled } from "./pulled-format.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/** Throws `INPUT_INVALID`. */
export function readPulled(directory: string): Pulled {
  const path = join(directory, PULLED_FILE);
  const { fd, size } = opened(path);
  try {
    if (size > MAX_BYTES) throw invalid(path, `is larger than ${MAX_BYTES} bytes`);
    return parsePulled(readFileSync(fd, "utf8"), path);
  } finally {
    closeSync(fd);
  }
}

/** The text of the chunks of one source, one after the other. Throws `INPUT_INVALID`. */
export async function* textOfSource(
  directory: string,
  { chunks }: Pulled,
  source: number,
): AsyncGenerator<Uint8Array> {
  for (const { text, ...chunk } of chunks) {
    if (chunk.source !== source || text === null) continue;
    const path = join(directory, textFile(chunk));
    const { fd, size } = opened(path);
    const file = createReadStream("", { fd });
    const expected = bytesOfText(text);
    if (size !== expected) {
      file.destroy();
      throw invalid(path, `has ${size} bytes in place of ${expected}`);
    }
    yield* file as AsyncIterable<Uint8Array>;
  }
}

function opened(path: string): { readonly fd: number; readonly size: number } {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | NO_FOLLOW | NEVER_WAIT);
  } catch (error) {
    throw invalid(path, `cannot be read, or is a link (${reasonOf(error)})`);
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, size: stats.size };
  closeSync(fd);
  throw invalid(path, "is not a file");
}
