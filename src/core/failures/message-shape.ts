/**
 * The shape of an error message: the message without what differs from item to item. Messages of one shape
 * are one kind of failure.
 */

import type { DescribedError } from "../errors/described-error.ts";

/** A name of a class, or a place in the job's code, is cut at this length. */
export const MAX_NAME_CHARS = 200;

/** The class of an error, as it is compared. */
export function classOf({ name }: DescribedError): string {
  return name.slice(0, MAX_NAME_CHARS);
}

/** Takes the place of what differs. */
const HOLE = "…";

/** Messages are compared up to here, so that one message costs little however long it is. */
export const MAX_MESSAGE_CHARS = 500;

/** Longer text in quotes differs from item to item: it is an excerpt of the item. */
const MAX_QUOTED_CHARS = 20;

/** Digits of a number that is more than a status, a size or a count. */
const LONG_NUMBER_DIGITS = 4;

/**
 * Text in quotes. An apostrophe within a word is none. Quotes that `JSON.stringify` has escaped belong to the
 * text; the last quote may be cut off with the rest of the message.
 */
const QUOTED = /"((?:[^"\\]|\\.)*)(?:"|…$)|(?<![\p{L}\p{N}])'([^']*)'(?![\p{L}\p{N}])|`([^`]*)`/gu;

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
const ISO_TIME =
  "\\d{4}-\\d\\d-\\d\\d(?:[t ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d+)?)?(?:z|[+-]\\d\\d:?\\d\\d)?)?";
const IPV4 = "\\d{1,3}(?:\\.\\d{1,3}){3}";
/** Eight groups, or fewer with `::` among them. */
const IPV6 =
  "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?";
const HEXADECIMAL = "(?:0x)?[0-9a-f]{8,}";
/** Letters and digits, five or more in all. */
const MIXED_WORD = "(?=[\\p{L}\\p{N}_]{5})(?=[\\p{L}_]*\\p{N})(?=[\\p{N}_]*\\p{L})[\\p{L}\\p{N}_]+";
const NUMBER = "(?<number>\\d+(?:[.,]\\d+)*)";

const NOT_WITHIN_A_WORD = "(?<![\\p{L}\\p{N}_])";
const NO_WORD_GOES_ON = "(?![\\p{L}\\p{N}_])";

/** The longer forms come first: a UUID is made of hexadecimal, and a time of numbers. */
const DIFFERS = new RegExp(
  `${NOT_WITHIN_A_WORD}(?:${[UUID, ISO_TIME, IPV4, IPV6, HEXADECIMAL, MIXED_WORD, NUMBER].join("|")})${NO_WORD_GOES_ON}`,
  "giu",
);

/** The message as it is compared. */
export function comparedText(message: string): string {
  return message.length > MAX_MESSAGE_CHARS
    ? `${message.slice(0, MAX_MESSAGE_CHARS).toWellFormed()}${HOLE}`
    : message;
}

/**
 * The shape of a message. Numbers of up to three digits stay: without them a 503 and a 404 of a service would
 * be one kind of failure.
 */
export function shapeOf(message: string): string {
  let shape = "";
  let at = 0;
  for (const { 0: quoted, 1: double, 2: single, 3: back, index } of message.matchAll(QUOTED)) {
    const inner = double ?? single ?? back ?? "";
    const mark = quoted[0] ?? "";
    shape += withHoles(message.slice(at, index));
    shape +=
      inner.length > MAX_QUOTED_CHARS ? HOLE : `${mark}${withHoles(inner)}${quoted.slice(inner.length + 1)}`;
    at = index + quoted.length;
  }
  return shape + withHoles(message.slice(at));
}

function withHoles(text: string): string {
  return text.replaceAll(DIFFERS, (found, ...rest) => {
    const { number } = rest.at(-1) as { readonly number?: string };
    if (number === undefined) return HOLE;
    return number.replaceAll(/[.,]/g, "").length < LONG_NUMBER_DIGITS ? found : HOLE;
  });
}

/** A shape without its digits, for kinds of failures that differ in small numbers alone. */
export function withoutDigits(shape: string): string {
  return shape.replaceAll(/\d+/g, HOLE);
}
