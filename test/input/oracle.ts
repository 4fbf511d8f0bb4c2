/** What CSV and lines mean, byte by byte and without any care for speed: what the readers are compared with. */

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

/** The fields of one record; `null` if quotes are not as they should be. */
function fieldsOf(text: string, delimiter: string): string[] | null {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)" *(?=(.|\n)?)/s.exec(rest);
    if (rest.startsWith('"')) {
      if (quoted === null) return null;
      rest = rest.slice(quoted[0].length);
      if (rest !== "" && !rest.startsWith(delimiter)) return null;
      fields.push((quoted[1] ?? "").replaceAll('""', '"'));
    } else {
      const stop = rest.indexOf(delimiter);
      fields.push(stop < 0 ? rest : rest.slice(0, stop));
      rest = stop < 0 ? "" : rest.slice(stop);
    }
    if (rest === "") return fields;
    rest = rest.slice(1);
  }
}

function recordEnd(bytes: Uint8Array, start: number, delimiter: number): number {
  let quoted = false;
  for (let i = start; i < bytes.length; i++) {
    const fieldStart = i === start || bytes[i - 1] === delimiter;
    if (quoted && bytes[i] === 34 && bytes[i + 1] === 34) i++;
    else if (quoted) quoted = bytes[i] !== 34;
    else if (bytes[i] === 34) quoted = fieldStart;
    else if (bytes[i] === 10) return i + 1;
  }
  return bytes.length;
}

/** All records from `start`; with `delimiter: null` every line is one. Blank lines are left out unless `blank`. */
export function recordsOf(
  bytes: Uint8Array,
  start: number,
  delimiter: string | null,
  blank: boolean,
): OracleRecord[] {
  const records: OracleRecord[] = [];
  for (let offset = start; offset < bytes.length;) {
    const newline = bytes.indexOf(10, offset);
    const lineEnd = newline < 0 ? bytes.length : newline + 1;
    const next = delimiter === null ? lineEnd : recordEnd(bytes, offset, delimiter.charCodeAt(0));
    const content = withoutLineEnd(bytes.subarray(offset, next));
    const line = bytes.subarray(0, offset).filter((byte) => byte === 10).length;
    const text = textOf(content);
    const fields = text === null ? null : delimiter === null ? [text] : fieldsOf(text, delimiter);
    if (blank || content.length > 0) records.push({ offset, line, raw: lossy.decode(content), fields, next });
    offset = next;
  }
  return records;
}
