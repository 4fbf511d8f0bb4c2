/**
 * The grammar of JSON (RFC 8259) in UTF-8 as a table: from a state and a byte to the next state, or to
 * something to do. So a string or number of any length is checked byte by byte, and nothing of it is held.
 */

/** Where the structure stands. The states within strings, numbers and words have numbers above these. */
export const STATE = {
  start: 0,
  value: 1,
  firstValue: 2,
  key: 3,
  firstKey: 4,
  colon: 5,
  inObject: 6,
  inArray: 7,
  done: 8,
  string: 9,
} as const;

/** What there is to do instead of going to another state. */
export const ACTION = {
  refuse: 0x80,
  beginValue: 0x81,
  beginKey: 0x82,
  close: 0x83,
  endString: 0x84,
  endNumber: 0x85,
  endWord: 0x86,
} as const;

/** Actions are at least this, states are less. */
export const ACTIONS = 0x80;

const SPACES = [0x20, 0x09, 0x0a, 0x0d];
const DIGITS = between(0x30, 0x39);
const CONTINUATION = between(0x80, 0xbf);
const MARK = [0xef, 0xbb, 0xbf];

const table = new Uint8Array(ACTIONS << 8).fill(ACTION.refuse);
/** The state of a string, number or word after its first byte. */
const opening = new Uint8Array(256);
let states: number = STATE.string + 1;

function between(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function codes(text: string): number[] {
  return [...Buffer.from(text)];
}

function go(state: number, bytes: readonly number[], to: number): void {
  for (const byte of bytes) table[(state << 8) | byte] = to;
}

/** Makes a state that these bytes leave for `to`. */
function stateBefore(bytes: readonly number[], to: number): number {
  go(states, bytes, to);
  return states++;
}

function addStructure(): void {
  const { start, value, firstValue, key, firstKey, colon, inObject, inArray, done } = STATE;
  const values = codes('{["-0123456789tfn');
  for (const state of [value, firstValue, key, firstKey, colon, inObject, inArray, done])
    go(state, SPACES, state);
  for (const state of [start, value, firstValue]) go(state, values, ACTION.beginValue);
  for (const state of [key, firstKey]) go(state, codes('"'), ACTION.beginKey);
  go(firstKey, codes("}"), ACTION.close);
  go(firstValue, codes("]"), ACTION.close);
  go(inObject, codes("}"), ACTION.close);
  go(inArray, codes("]"), ACTION.close);
  go(colon, codes(":"), value);
  go(inObject, codes(","), key);
  go(inArray, codes(","), value);
  go(start, SPACES, value);
  const [first = 0, second = 0, third = 0] = MARK;
  go(start, [first], stateBefore([second], stateBefore([third], value)));
}

/** Bytes that are not UTF-8 are refused: overlong forms, surrogates and code points beyond Unicode, too. */
function addStrings(): void {
  const { string } = STATE;
  go(string, between(0x20, 0x7f), string);
  go(string, codes('"'), ACTION.endString);
  const one = stateBefore(CONTINUATION, string);
  const two = stateBefore(CONTINUATION, one);
  const three = stateBefore(CONTINUATION, two);
  go(string, between(0xc2, 0xdf), one);
  go(string, between(0xe1, 0xef), two);
  go(string, between(0xf1, 0xf3), three);
  go(string, [0xe0], stateBefore(between(0xa0, 0xbf), one));
  go(string, [0xed], stateBefore(between(0x80, 0x9f), one));
  go(string, [0xf0], stateBefore(between(0x90, 0xbf), two));
  go(string, [0xf4], stateBefore(between(0x80, 0x8f), two));
  const hex = codes("0123456789abcdefABCDEF");
  const escape = stateBefore(codes('"\\/bfnrt'), string);
  const last = stateBefore(hex, string);
  go(escape, codes("u"), stateBefore(hex, stateBefore(hex, stateBefore(hex, last))));
  go(string, codes("\\"), escape);
  opening[0x22] = string;
}

/** A state in which a number may end: with any byte that does not belong to it. */
function complete(): number {
  return stateBefore(between(0, 0xff), ACTION.endNumber);
}

function addNumbers(): void {
  const exponent = complete();
  const fraction = complete();
  const integer = complete();
  const zero = complete();
  go(exponent, DIGITS, exponent);
  go(fraction, DIGITS, fraction);
  go(integer, DIGITS, integer);
  const sign = stateBefore(DIGITS, exponent);
  const letter = stateBefore(DIGITS, exponent);
  go(letter, codes("+-"), sign);
  const point = stateBefore(DIGITS, fraction);
  for (const state of [fraction, integer, zero]) go(state, codes("eE"), letter);
  for (const state of [integer, zero]) go(state, codes("."), point);
  const minus = stateBefore(DIGITS, integer);
  go(minus, codes("0"), zero);
  for (const digit of DIGITS) opening[digit] = integer;
  opening[0x30] = zero;
  opening[0x2d] = minus;
}

function addWord(word: string): void {
  const [first = 0, ...rest] = codes(word);
  opening[first] = rest.reduceRight((next, byte) => stateBefore([byte], next), ACTION.endWord as number);
}

addStructure();
addStrings();
addNumbers();
for (const word of ["true", "false", "null"]) addWord(word);

/** Indexed by `state << 8 | byte`. */
export const TABLE: Uint8Array = table;
export const OPENING: Uint8Array = opening;
