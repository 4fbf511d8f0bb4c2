/** Which bytes of its source a pulled chunk has. */

/** `bytes` bytes from offset `at` of the source on. */
export interface PulledPiece {
  readonly at: number;
  readonly bytes: number;
}

/** One stretch, or pieces of a file in order: bytes between and before those are not needed. */
export type PulledText = PulledPiece | { readonly pieces: readonly PulledPiece[] };

export function inPieces(text: PulledText): text is Exclude<PulledText, PulledPiece> {
  return "pieces" in text;
}

export function piecesOf(text: PulledText | null): readonly PulledPiece[] {
  if (text === null) return [];
  return inPieces(text) ? text.pieces : [text];
}

/** How many bytes there are. */
export function bytesOfText(text: PulledText | null): number {
  return piecesOf(text).reduce((sum, { bytes }) => sum + bytes, 0);
}
