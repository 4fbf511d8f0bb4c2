/**
 * Splits CSV and lines byte by byte, as simply as possible: the readers are compared with it.
 */

export interface OracleRecord {
  readonly offset: number;
  /** Newlines of the source before it. */
  readonly line: number;
  readonly raw: string;
  /** `null`: unreadable. */
  readonly fields: readonly string[] | null;
  /** The offset after its newline. */
  readonly next: number;
}

/** How CSV is written; `null`: there is no such character. */
export interface OracleFormat {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly comment: string | null;
}

export const COMMAS: OracleFormat = { delimiter: ",", quote: '"', comment: null };

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** `null` for bytes that are not text. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return fatal.decode(bytes);
  } catch {
    return null;
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const stop = bytes.at(-1) === 10 ? -1 : bytes.length;
  const line = bytes.subarray(0, stop);
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}

/** The fields of one record; `null` if its quotes are wrong. */
function fieldsOf(text: string, { delimiter, quote }: OracleFormat): string[] | null {
  const fields: string[] = [];
  let field = "";
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  const end = (): void => {
    fields.push(field);
    field = "";
    state = "start";
  };
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (state === "quoted") {
      if (character !== quote) field += character;
      else if (text[i + 1] === quote) field += text.charAt(i++);
      else state = "closed";
    } else if (character === delimiter) end();
    else if (state === "closed") return null;
    else if (state === "start" && character === quote) state = "quoted";
    else {
      state = "plain";
      field += character;
    }
  }
  // The compiler does not see that `end` changes the state.
  if ((state as string) === "quoted") return null;
  end();
  return fields;
}

function recordEnd(bytes: Uint8Array, start: number, format: OracleFormat): number {
  const [delimiter, quote, comment] = [format.delimiter, format.quote, format.comment].map(
    (character) => character?.charCodeAt(0) ?? -1,
  );
  let quoted = false;
  for (let i = start; i < bytes.length; i++) {
    const fieldStart = i === start || bytes[i - 1] === delimiter;
    if (quoted && bytes[i] === quote && bytes[i + 1] === quote) i++;
    else if (quoted) quoted = bytes[i] !== quote;
    else if (bytes[i] === quote && bytes[start] !== comment) quoted = fieldStart;
    else if (bytes[i] === 10) return i + 1;
  }
  return bytes.length;
}

function isComment(bytes: Uint8Array, format: OracleFormat | null): boolean {
  const comment = format?.comment ?? null;
  return comment !== null && bytes[0] === comment.charCodeAt(0);
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}

/**
 * All records from `start`, without comments; with `format: null` every line is a record. Blank lines are
 * left out unless `blank`.
 */
export function recordsOf(
  bytes: Uint8Array,
  start: number,
  format: OracleFormat | null,
  blank: boolean,
): OracleRecord[] {
  const records: OracleRecord[] = [];
  let line = newlinesIn(bytes.subarray(0, start));
  for (let offset = start; offset < bytes.length;) {
    const newline = bytes.indexOf(10, offset);
    const lineEnd = newline < 0 ? bytes.length : newline + 1;
    const next = format === null ? lineEnd : recordEnd(bytes, offset, format);
    const content = withoutLineEnd(bytes.subarray(offset, next));
    const text = textOf(content);
    const fields = text === null ? null : format === null ? [text] : fieldsOf(text, format);
    const counts = blank || content.length > 0;
    if (counts && !isComment(content, format))
      records.push({ offset, line, raw: lossy.decode(content), fields, next });
    line += newlinesIn(bytes.subarray(offset, next));
    offset = next;
  }
  return records;
}
