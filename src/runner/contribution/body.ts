/** Bodies of partials: contributions as JSON text, in the store if they are long. */
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";
import {
  anything,
  count,
  entries,
  flag,
  list,
  matching,
  maybe,
  number,
  object,
  text,
} from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import { isObject } from "../../core/json/json.ts";
import { INLINE_BODY } from "../../core/records/contribution.ts";
import type { Contributions, Piece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { textOf } from "./piece-text.ts";
import { PieceWriter } from "./piece-writer.ts";

/**
 * Bodies that were stored here. The merge of a whole leaf follows in the same thread, and need not read what
 * the thread has just written.
 */
const stored = new WeakMap<Piece, Contributions>();

export async function storeBody(store: ObjectStore, contributions: Contributions): Promise<Piece> {
  const writer = new PieceWriter(store, "partials/body");
  writer.add(JSON.stringify(contributions));
  const [piece] = await writer.close(INLINE_BODY);
  if (!piece) throw new Error("a body is never empty");
  if (readsTheSame(contributions)) stored.set(piece, contributions);
  return piece;
}

export async function loadBody(store: Pick<ObjectStore, "read">, body: Piece): Promise<Contributions> {
  const known = stored.get(body);
  if (known) return known;
  let json = "";
  for await (const block of textOf(store, body)) json += block;
  return parseBody(json, body);
}

/** Throws `DIRECTORY_UNUSABLE` for text that `storeBody` did not write. */
function parseBody(json: string, body: Piece): Contributions {
  const value = jsonIn(json, body);
  const wrong = contributions(value);
  if (wrong === null) return value as Contributions;
  throw damaged(body, `${wrong === "" ? "it" : wrong} has another form`);
}

function jsonIn(json: string, body: Piece): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw damaged(body, reasonOf(error), error);
  }
}

function damaged(body: Piece, why: string, cause?: unknown): FanjoinError {
  const place = "text" in body ? "in the ledger" : `in ${body.name} at byte ${body.offset}`;
  const message = `a part of the result ${place} is damaged (${why}): restore a copy, or run the batch again`;
  return new FanjoinError("DIRECTORY_UNUSABLE", message, { cause });
}

/** An object of fanjoin's own, never a URL: what it names ends up in the result. */
const ownName = matching(/^(?![a-z][a-z0-9+.-]*:)[^/]/i);
const segment = object({ name: ownName, offset: count, length: count, crc: maybe(count) });
const inline = object({ text });
const piece: Check = (value) => (inline(value) === null ? null : segment(value));
const span = object({ items: maybe(number), lines: maybe(number), anchored: flag });
const contribution = object({
  blocks: maybe(list(piece)),
  groups: maybe(count),
  segments: maybe(list(list(anything))),
  cuts: maybe(list(count)),
  outputs: maybe(list(piece)),
  keyed: maybe(list(object({ key: text, pieces: list(piece) }))),
  added: maybe(list(list(count))),
  failed: maybe(list(object({ piece, base: span }))),
  span,
  error: maybe(object({ code: text, message: text })),
  split: maybe(count),
});
const wrongIn = entries(() => contribution);

/** Nearly all chunks of a batch are plain, and `bench chunks` notices anything that is done for each. */
const contributions: Check = (value) => {
  if (!isObject(value)) return "";
  for (const child in value) if (!isPlain(value[child])) return wrongIn(value);
  return null;
};

/** A value and a span, and nothing that names a place in the store. */
function isPlain(one: unknown): boolean {
  if (!isObject(one)) return false;
  const { outputs, keyed, failed, segments, blocks, cuts, error, span: counted } = one;
  const isWhole = segments === undefined && blocks === undefined;
  const isBare = isWhole && outputs === undefined && keyed === undefined && failed === undefined;
  return isBare && cuts === undefined && error === undefined && isSpan(counted);
}

/** Whether its JSON says all of it: its values are texts and numbers. Others may change on the way. */
function readsTheSame(contributions: Contributions): boolean {
  for (const child in contributions) {
    const one = contributions[child];
    if (!isPlain(one) || !isSameAsText(one?.value)) return false;
  }
  return true;
}

function isSameAsText(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "string" || value === undefined;
}

function isSpan(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { items, lines, anchored } = value;
  const areKnown = typeof items === "number" && (lines === null || typeof lines === "number");
  return areKnown && typeof anchored === "boolean";
}
