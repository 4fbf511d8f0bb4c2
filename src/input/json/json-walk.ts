/** Finds the array in a JSON document, and checks the rest of the document after it. */
import { Tokenizer, TokenType } from "@streamparser/json";
import { FanjoinError, reasonOf } from "../../core/errors.ts";
import { Damage } from "../unpack/damage.ts";

export interface JsonWalk {
  /** The offset in `block` after the `[` of the array; −1 if it is not in `block`. Throws `INPUT_INVALID`. */
  toArray(block: Buffer): number;
  /** Takes the bytes from the `]` of the array on; `offset` is their position. Throws `INPUT_INVALID`. */
  afterArray(block: Buffer, offset: number): void;
  /** To be called at the end of the document. Throws `INPUT_INVALID` if it is incomplete. */
  end(): void;
}

/** An open object or array. */
interface Level {
  readonly isObject: boolean;
  /** The key of the current value; `null` where a key is expected. */
  key: string | null;
}

const TOO_SOON = "ends too soon (was the file cut off?)";
const OPEN_ARRAY = 0x5b;
const OPENING: ReadonlySet<TokenType> = new Set([TokenType.LEFT_BRACE, TokenType.LEFT_BRACKET]);
const CLOSING: ReadonlySet<TokenType> = new Set([TokenType.RIGHT_BRACE, TokenType.RIGHT_BRACKET]);

/** `path`: keys from the top of the document to the array. If a key occurs twice, the first counts. */
export function jsonWalk(path: readonly string[]): JsonWalk {
  const levels: Level[] = [];
  const where = path.length === 0 ? "the document" : path.join(".");
  let found = false;
  let begun = false;
  let failure: FanjoinError | null = null;
  /** Bytes that the tokenizer skipped: the array. */
  let unseen = 0;
  let seen = 0;

  const tokenizer = new Tokenizer();
  tokenizer.onError = (error) => {
    failure ??= broken(notJson(reasonOf(error)));
  };
  tokenizer.onToken = ({ token, value, offset }) => {
    failure ??= take(token, value, offset + unseen);
  };

  /** The messages of the tokenizer name states of a machine, and offsets in a block. */
  function notJson(reason: string): string {
    const [, found, at] = /^Unexpected "(.+?)" at .*absolute position "(\d+)"/s.exec(reason) ?? [];
    if (found === undefined) return /ended in the middle/.test(reason) ? TOO_SOON : `is not JSON (${reason})`;
    return `is not JSON: ${JSON.stringify(found)} is not expected at byte ${Number(at) + unseen}`;
  }

  function broken(problem: string): FanjoinError {
    if (found) return new Damage(`after the array the document ${problem}`);
    return new FanjoinError("INPUT_INVALID", `the document ${problem}`);
  }

  /** Returns the error, `null` if there is none. */
  function take(token: TokenType, value: unknown, offset: number): FanjoinError | null {
    const level = levels.at(-1);
    if (begun && level === undefined) return broken(`has more text after its end, at byte ${offset}`);
    begun = true;
    if (CLOSING.has(token)) return close(token, offset);
    if (token === TokenType.COLON) return null;
    if (token === TokenType.COMMA) {
      if (level) level.key = null;
      return null;
    }
    if (level?.isObject !== true || level.key !== null) return begin(token);
    level.key = String(value);
    return null;
  }

  function begin(token: TokenType): FanjoinError | null {
    if (!found && isThere()) {
      if (token !== TokenType.LEFT_BRACKET) return notAnArray(token);
      found = true;
    }
    if (OPENING.has(token)) levels.push({ isObject: token === TokenType.LEFT_BRACE, key: null });
    return null;
  }

  function close(token: TokenType, offset: number): FanjoinError | null {
    const level = levels.pop();
    if (level?.isObject === (token === TokenType.RIGHT_BRACE)) return null;
    return broken(`has a bracket that closes nothing, at byte ${offset}`);
  }

  function isThere(): boolean {
    return (
      levels.length === path.length && levels.every(({ isObject, key }, at) => isObject && key === path[at])
    );
  }

  function notAnArray(token: TokenType): FanjoinError {
    const what = token === TokenType.LEFT_BRACE ? "an object" : "a single value";
    const advice = `say where it is, e.g. json({ path: "data.rows" }), or read with jsonl() if every line is a value`;
    return new FanjoinError("INPUT_INVALID", `${where} is ${what}, not an array: ${advice}`);
  }

  function write(bytes: Buffer): void {
    seen += bytes.length;
    tokenizer.write(bytes);
    if (failure !== null) throw failure;
  }

  return {
    toArray(block) {
      // In steps up to the next bracket, because the tokenizer cannot go back.
      for (let from = 0; from < block.length;) {
        const bracket = block.indexOf(OPEN_ARRAY, from);
        const to = bracket < 0 ? block.length : bracket + 1;
        write(block.subarray(from, to));
        if (found) return to;
        from = to;
      }
      return -1;
    },
    afterArray(block, offset) {
      unseen = offset - seen;
      write(block);
    },
    end() {
      tokenizer.end();
      if (failure !== null) throw failure;
      if (!begun) throw new FanjoinError("INPUT_INVALID", "the document is empty: a JSON array is expected");
      if (levels.length > 0) throw broken(TOO_SOON);
      if (!found) throw new FanjoinError("INPUT_INVALID", `there is no array at ${where} in the document`);
    },
  };
}
