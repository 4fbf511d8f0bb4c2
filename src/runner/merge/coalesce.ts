/**
 * Keeps lists of pieces short by writing neighbours together: a list then grows with the bytes, not with the
 * number of chunks.
 */
import { follows, joinSegments } from "../../checksum.ts";
import { INLINE_TEXT } from "../../core/records/contribution.ts";
import type { FailedPiece, Piece } from "../../core/records/contribution.ts";
import type { Span } from "../../core/span.ts";
import type { ObjectStore } from "../../ports.ts";
import { failedLineText, parseFailedLine } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import { linesOf, textOf } from "../contribution/piece-text.ts";
import { PieceWriter } from "../contribution/piece-writer.ts";

/**
 * Pieces below this are written together. Larger ones are left alone: they make good parts of a multipart
 * copy, for which S3 asks for 5 MiB.
 */
const LARGE = 8 * 1024 * 1024;
/** A list of failed pieces up to this long is left alone. */
const FEW = 16;

function lengthOf(piece: Piece): number {
  return "text" in piece ? piece.text.length : piece.length;
}

export async function coalesceOutputs(store: ObjectStore, pieces: readonly Piece[]): Promise<Piece[]> {
  const joined: Piece[] = [];
  let run: Piece[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (run.length > 0) joined.push(...(await writeTogether(store, run)));
    run = [];
    bytes = 0;
  };
  for (const piece of adjacent(pieces)) {
    const length = lengthOf(piece);
    if (length >= LARGE || bytes >= LARGE) await flush();
    if (length >= LARGE) joined.push(piece);
    else {
      run.push(piece);
      bytes += length;
    }
  }
  await flush();
  return joined;
}

/** Unites segments that are adjacent in one object. */
function adjacent(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last && "name" in last && "name" in piece && follows(last, piece)) {
      merged[merged.length - 1] = joinSegments(last, piece);
    } else merged.push(piece);
  }
  return merged;
}

async function writeTogether(store: ObjectStore, run: readonly Piece[]): Promise<Piece[]> {
  const [only] = run;
  if (run.length === 1 && only) return [only];
  const writer = new PieceWriter(store, "outputs/joined");
  for (const piece of run) {
    for await (const text of textOf(store, piece)) {
      writer.add(text);
      await writer.unload();
    }
  }
  return writer.close(INLINE_TEXT);
}

/** Many pieces become two at most: those whose positions still miss a base, and those that are anchored. */
export async function coalesceFailed(
  store: ObjectStore,
  failed: readonly FailedPiece[],
): Promise<FailedPiece[]> {
  if (failed.length <= FEW) return [...failed];
  const joined: FailedPiece[] = [];
  for (const anchored of [false, true]) {
    const base: Span = { items: 0, lines: 0, anchored };
    const run = failed.filter(({ base: { anchored: fixed } }) => fixed === anchored);
    const writer = new PieceWriter(store, "failed/joined");
    for await (const { line } of shifted(store, run)) {
      writer.add(`${failedLineText(line)}\n`);
      await writer.unload();
    }
    for (const piece of await writer.close(INLINE_TEXT)) joined.push({ piece, base });
  }
  return joined;
}

/**
 * The lines of `failed.jsonl`, with positions in their sources; `null` where it is unknown what came before.
 * `onLine` is given each of them, in input order.
 */
export async function* failedLines(
  store: Pick<ObjectStore, "read">,
  failed: readonly FailedPiece[],
  onLine: (line: FailedLine) => void,
): AsyncGenerator<{ text: string }> {
  for await (const { line, anchored } of shifted(store, failed)) {
    // People count lines from 1.
    const { at: _, ...lasting } = line;
    const placed = anchored
      ? withPosition(lasting, (at, name) => sum(at, name === "lines" ? 1 : 0))
      : withPosition(lasting, () => null);
    onLine(placed);
    yield { text: `${failedLineText(placed)}\n` };
  }
}

/** Each failed item, with the base of its piece added to its position. */
async function* shifted(
  store: Pick<ObjectStore, "read">,
  failed: readonly FailedPiece[],
): AsyncGenerator<{ line: FailedLine; anchored: boolean }> {
  for (const { piece, base } of failed) {
    for await (const text of linesOf(store, piece)) {
      const line = withPosition(parseFailedLine(text), (at, name) => sum(at, base[name]));
      yield { line, anchored: base.anchored };
    }
  }
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function withPosition(
  failed: FailedLine,
  place: (at: number | null, name: "items" | "lines") => number | null,
): FailedLine {
  return { ...failed, index: place(failed.index, "items"), line: place(failed.line, "lines") };
}
