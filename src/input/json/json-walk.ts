/** Finds the array in a JSON document, and checks everything around it. Nothing of that is held. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { Damage } from "../unpack/damage.ts";
import { ACTION, ACTIONS, OPENING, STATE, TABLE } from "./json-table.ts";
import { openLevels } from "./open-levels.ts";
import { pathMatch } from "./path-match.ts";

export interface JsonWalk {
  /** The offset in `block` after the `[` of the array; −1 if it is not in `block`. Throws `INPUT_INVALID`. */
  toArray(block: Buffer): number;
  /** Takes the bytes after the `]` of the array; `offset` is their position. Throws `INPUT_INVALID`. */
  afterArray(block: Buffer, offset: number): void;
  /** To be called at the end of the document. Throws `INPUT_INVALID` if it is incomplete. */
  end(): void;
}

const TOO_SOON = "ends too soon (was the file cut off?)";
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const SPACE = 0x20;
const DELETE = 0x7f;
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const BETWEEN_VALUES: ReadonlySet<number> = new Set([STATE.inObject, STATE.inArray, STATE.done]);

/**
 * `path`: keys from the top of the document to the array. If a key of it comes once more after the array,
 * that ends the reading: `JSON.parse` would take the last one alone.
 */
export function jsonWalk(path: readonly string[]): JsonWalk {
  const levels = openLevels();
  const match = pathMatch(path, levels);
  const where = path.length === 0 ? "the document" : path.join(".");
  let state: number = STATE.start;
  let inKey = false;
  let found = false;
  /** At the path there is a string, number or word, which has to end before that can be said. */
  let single = false;
  /** The array has ended. */
  let passed = false;
  /** The position of the current block. */
  let base = 0;

  function broken(problem: string): FanjoinError {
    if (found) return new Damage(`after the array the document ${problem}`);
    return new FanjoinError("INPUT_INVALID", `the document ${problem}`);
  }

  function refused(byte: number, position: number): FanjoinError {
    if (BETWEEN_VALUES.has(state) && CLOSING.has(byte))
      return broken(`has a bracket that closes nothing, at byte ${position}`);
    if (state === STATE.done)
      return broken(
        `has more text after its end, at byte ${position} (if every line is a value, read with jsonl())`,
      );
    return broken(`is not JSON: ${shown(byte)} is not expected at byte ${position}`);
  }

  /** The state after a value that has ended. */
  function afterValue(): number {
    if (single) throw notAnArray("a single value");
    if (levels.depth === 0) return STATE.done;
    return levels.isObject() ? STATE.inObject : STATE.inArray;
  }

  function begin(byte: number): void {
    const isThere = !found && match.isThere();
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) {
      single = isThere;
      state = OPENING[byte] ?? STATE.value;
      return;
    }
    if (isThere && byte === OPEN_OBJECT) throw notAnArray("an object");
    found ||= isThere;
    levels.push(byte === OPEN_OBJECT);
    state = byte === OPEN_OBJECT ? STATE.firstKey : STATE.firstValue;
  }

  function close(): void {
    levels.pop();
    match.close();
    state = afterValue();
  }

  function endString(block: Buffer, at: number): void {
    state = inKey ? STATE.colon : afterValue();
    if (!inKey) return;
    inKey = false;
    if (match.end(block, at) && found) throw twice(base + at);
  }

  function twice(position: number): FanjoinError {
    return new Damage(
      `after the array the document has a key of ${where} once more, which ends at byte ${position}: only the first array was read (JSON.parse would take the last one). Give every key once`,
    );
  }

  function notAnArray(what: string): FanjoinError {
    const advice = `say where it is, e.g. json({ path: "data.rows" }), or read with jsonl() if every line is a value`;
    return new FanjoinError("INPUT_INVALID", `${where} is ${what}, not an array: ${advice}`);
  }

  /** Returns where to go on. */
  function act(action: number, block: Buffer, at: number): number {
    const byte = block[at] ?? 0;
    if (action === ACTION.refuse) throw refused(byte, base + at);
    if (action === ACTION.beginValue) begin(byte);
    else if (action === ACTION.close) close();
    else if (action === ACTION.endString) endString(block, at);
    else if (action === ACTION.beginKey) {
      inKey = true;
      match.begin(at + 1);
      state = STATE.string;
    } else {
      state = afterValue();
      // A number ends before the byte that is no part of it.
      if (action === ACTION.endNumber) return at;
    }
    return at + 1;
  }

  /** Takes the bytes of `block`, and stops after the `[` of the array. Returns where it stopped. */
  function pass(block: Buffer): number {
    const before = found;
    for (let at = 0; at < block.length;) {
      const next = TABLE[(state << 8) | (block[at] ?? 0)] ?? ACTION.refuse;
      if (next < ACTIONS) {
        state = next;
        at++;
      } else {
        at = act(next, block, at);
        if (found !== before) return at;
      }
    }
    if (inKey) match.passBlock(block);
    return block.length;
  }

  return {
    toArray(block) {
      const stop = pass(block);
      base += block.length;
      return found ? stop : -1;
    },
    afterArray(block, offset) {
      if (!passed) close();
      passed = true;
      base = offset;
      pass(block);
    },
    end() {
      // A number ends with the document.
      if (TABLE[(state << 8) | SPACE] === ACTION.endNumber) state = afterValue();
      const empty = levels.depth === 0 && (state === STATE.start || state === STATE.value);
      if (empty) throw new FanjoinError("INPUT_INVALID", "the document is empty: a JSON array is expected");
      if (state !== STATE.done) throw broken(TOO_SOON);
      if (!found) throw new FanjoinError("INPUT_INVALID", `there is no array at ${where} in the document`);
    },
  };
}

/** A byte in a message. */
function shown(byte: number): string {
  if (byte > SPACE && byte < DELETE) return JSON.stringify(String.fromCharCode(byte));
  return `the byte 0x${byte.toString(16).padStart(2, "0")}`;
}
