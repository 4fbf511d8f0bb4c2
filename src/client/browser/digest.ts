/** SHA-256 in a browser, in hexadecimal digits. */
import { usage } from "../../core/errors/errors.ts";

/** A browser digests only what it has in memory, so a larger file is digested in pieces. */
const PIECE_BYTES = 32 * 1024 * 1024;

/**
 * Of the content; for a file of several pieces, of their digests. Throws `USAGE` where the browser has no
 * digest.
 */
export async function digestOf(blob: Blob, signal?: AbortSignal, pieceBytes = PIECE_BYTES): Promise<string> {
  if (blob.size <= pieceBytes) return digest(await blob.arrayBuffer());
  let digests = "";
  for (let start = 0; start < blob.size; start += pieceBytes) {
    signal?.throwIfAborted();
    digests += await digest(await blob.slice(start, start + pieceBytes).arrayBuffer());
  }
  return digestOfText(digests);
}

export function digestOfText(text: string): Promise<string> {
  return digest(new TextEncoder().encode(text));
}

async function digest(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined)
    throw usage("an id for files needs a page that came by https or from localhost: leave out the id");
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
