/** Parses a part of a CSV file as fast as possible. */
import { closeSync, openSync, readSync } from "node:fs";
import { inferSchema, initParser } from "udsv";
import type { Parser } from "udsv";
import type { Groups } from "./groups.ts";

/** From the beginning of a record to the end of one. */
export interface Part {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

const PIECE_BYTES = 64 * 1024;
const SCAN_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const QUOTE = 0x22;

export function groupsIn({ file, start, end }: Part): Groups {
  const groups: Groups = new Map();
  const fd = openSync(file, "r");
  const parser = parserOf(fd);
  let buffer = Buffer.alloc(2 * PIECE_BYTES);
  let held = 0;
  for (let at = start; at < end;) {
    if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    const wanted = Math.min(buffer.length - held, PIECE_BYTES, end - at);
    const read = readSync(fd, buffer, held, wanted, at);
    if (read === 0) break;
    const bytes = buffer.subarray(0, held + read);
    const whole = at + read === end ? bytes.length : lastBorder(bytes);
    at += read;
    // To the parser the header is a row.
    addRows(
      groups,
      parser,
      bytes.toString("utf8", at === start + read && start === 0 ? bytes.indexOf(NEWLINE) + 1 : 0, whole),
    );
    held = bytes.copy(buffer, 0, whole);
  }
  closeSync(fd);
  return groups;
}

function parserOf(fd: number): Parser {
  const beginning = Buffer.alloc(PIECE_BYTES);
  const text = beginning.toString("utf8", 0, readSync(fd, beginning, 0, PIECE_BYTES, 0));
  // The header is skipped, not parsed.
  return initParser(Object.assign(inferSchema(text), { skip: 0 }));
}

function addRows(groups: Groups, parser: Parser, text: string): void {
  if (text === "") return;
  for (const row of parser.stringObjs<{ country: string; amount: string }>(text)) {
    const group = groups.get(row.country);
    if (group === undefined) groups.set(row.country, { total: Number(row.amount), n: 1 });
    else {
      group.total += Number(row.amount);
      group.n++;
    }
  }
}

/** The end of the last whole record; 0 if there is none. The bytes begin with a record. */
function lastBorder(bytes: Buffer): number {
  let border = 0;
  let outside = 0;
  // Text outside and inside of quotes alternates.
  for (;;) {
    const opening = bytes.indexOf(QUOTE, outside);
    const newline = bytes.lastIndexOf(NEWLINE, opening < 0 ? bytes.length : opening);
    if (newline >= outside) border = newline + 1;
    if (opening < 0) return border;
    const closing = bytes.indexOf(QUOTE, opening + 1);
    if (closing < 0) return border;
    outside = closing + 1;
  }
}

/** The end of the first record that ends at `wanted` or later; found by counting the quotes before it. */
export function borderNear(file: string, wanted: number): number {
  const fd = openSync(file, "r");
  const buffer = Buffer.alloc(SCAN_BYTES);
  let inside = false;
  for (let at = 0; ;) {
    const bytes = buffer.subarray(0, readSync(fd, buffer, 0, SCAN_BYTES, at));
    if (bytes.length === 0) break;
    for (let from = 0; from < bytes.length;) {
      const quote = bytes.indexOf(QUOTE, from);
      const stop = quote < 0 ? bytes.length : quote;
      const newline = inside ? -1 : bytes.indexOf(NEWLINE, Math.max(from, Math.floor(wanted) - at));
      if (newline >= 0 && newline < stop) {
        closeSync(fd);
        return at + newline + 1;
      }
      if (quote >= 0) inside = !inside;
      from = stop + 1;
    }
    at += bytes.length;
  }
  closeSync(fd);
  throw new Error(`${file} has no record that ends after byte ${wanted}`);
}
