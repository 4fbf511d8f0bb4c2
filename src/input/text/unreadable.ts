/** The reasons why records cannot be read, worded for users. */
import { linesOf } from "./locate.ts";
import { MAX_RECORD_BYTES, type TextPiece } from "./pieces.ts";
import type { Records, Unreadable } from "../reader.ts";

const EXCERPT_CHARACTERS = 200;

/** How much of a too long record is shown as its raw text. */
const SHOWN_BYTES = 8 * 1024;

/** The bytes of an encoded lone surrogate; `decode.ts` writes them for UTF-16 sources too. */
const HALF_CHARACTER = /\xed[\xa0-\xbf]/;

export function excerpt(text: string): string {
  return JSON.stringify(text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)}…` : text);
}

export function unreadable(message: string): Unreadable {
  return { code: "ITEM_UNREADABLE", message };
}

export function notUtf8(bytes: Buffer): Unreadable {
  return unreadable(`is not valid UTF-8 (${whyNotUtf8(bytes)}): ${excerpt(bytes.toString("utf8"))}`);
}

function whyNotUtf8(bytes: Buffer): string {
  return HALF_CHARACTER.test(bytes.toString("latin1"))
    ? "it holds half of a UTF-16 character"
    : "if the source has another encoding, tell its reader";
}

/**
 * The record that begins with `piece` and does not end in it. `hint`: a possible reason. `toEnd`: nothing
 * follows it.
 */
export function tooLongRecord(
  piece: TextPiece,
  line: number,
  {
    lines,
    toEnd = false,
    hint = "",
  }: { readonly lines: number; readonly toEnd?: boolean; readonly hint?: string },
): Records {
  const raw = piece.bytes.toString("utf8", 0, SHOWN_BYTES);
  const megabytes = MAX_RECORD_BYTES / 1024 / 1024;
  const problem = unreadable(`is longer than ${megabytes} MiB${hint}: ${excerpt(raw)}`);
  return {
    values: [undefined],
    unreadable: new Map([[0, toEnd && lines > 1 ? { ...problem, toEnd } : problem]]),
    lines,
    locate: () => ({ offset: piece.offset, line, ...linesOf(lines), raw, key: piece.offset }),
  };
}
