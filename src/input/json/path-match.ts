/** Finds out which open keys of a document are those of a path. No key is held that cannot be one of them. */
import type { OpenLevels } from "./open-levels.ts";

/** The most bytes of one UTF-16 unit of a key in JSON: an escape such as \u0061. */
const UNIT_BYTES = 6;

export interface PathMatch {
  /** The next value is the one at the path. */
  isThere(): boolean;
  /** A key begins at `at`, after its quote. */
  begin(at: number): void;
  /** The block ends within the key, if there is one. */
  passBlock(block: Buffer): void;
  /** The key ends before the quote at `at`. Returns whether it is the key of the path at this level. */
  end(block: Buffer, at: number): boolean;
  /** To be called after a level was closed. */
  close(): void;
}

export function pathMatch(path: readonly string[], levels: OpenLevels): PathMatch {
  /** The number of outermost levels whose current key is that of the path. */
  let matched = 0;
  /** The parts of the current key as it is written; `null` if it cannot be one of the path. */
  let parts: Buffer[] | null = null;
  let from = 0;
  let length = 0;

  /** The key of the path at this level; `undefined` if the levels around it are not on the path. */
  function wanted(): string | undefined {
    const level = levels.depth - 1;
    return matched >= level ? path[level] : undefined;
  }

  function add(bytes: Buffer): void {
    length += bytes.length;
    if (length > UNIT_BYTES * (wanted()?.length ?? 0)) parts = null;
    else parts?.push(Buffer.from(bytes));
  }

  return {
    isThere: () => levels.depth === path.length && matched === path.length,
    begin(at) {
      parts = wanted() === undefined ? null : [];
      from = at;
      length = 0;
    },
    passBlock(block) {
      if (parts !== null) add(block.subarray(from));
      from = 0;
    },
    end(block, at) {
      if (parts !== null) add(block.subarray(from, at));
      const level = levels.depth - 1;
      const isOne = parts !== null && JSON.parse(`"${Buffer.concat(parts).toString()}"`) === wanted();
      if (matched >= level) matched = isOne ? level + 1 : level;
      parts = null;
      return isOne;
    },
    close: () => {
      matched = Math.min(matched, levels.depth);
    },
  };
}
