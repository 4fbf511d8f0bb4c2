/** The ids of groups: by its id, whether a failed item belongs to a group can be said of the item alone. */
import { messageText } from "../errors/described-error.ts";
import { isErrorCode } from "../errors/errors.ts";
import type { FailedLine } from "./failed-line.ts";
import { classOf, comparedText, shapeOf, withoutDigits } from "./message-shape.ts";

/**
 * What the items of a group have in common: code, class and shape of the message; that shape without digits;
 * code and class; the code.
 */
export type GroupLevel = "shape" | "digits" | "class" | "code";

/** The first character of an id. */
const LETTERS = { shape: "s", digits: "d", class: "c", code: "k" } as const satisfies Record<
  GroupLevel,
  string
>;
const LEVELS = Object.keys(LETTERS) as readonly GroupLevel[];

const ID = /^[sdck][0-9a-z]{1,11}$/;

export function isGroupId(text: string): boolean {
  return ID.test(text);
}

interface GroupParts {
  readonly code: string;
  readonly class: string;
  /** As the level has it. */
  readonly shape: string;
}

export function groupId(level: GroupLevel, { code, class: name, shape }: GroupParts): string {
  // Codes that are not in the table are taken together.
  const known = isErrorCode(code) ? code : "";
  const parts = [known, level === "code" ? "" : name, level === "code" || level === "class" ? "" : shape];
  return LETTERS[level] + hash(parts.join("\n")).toString(36);
}

type Named = Pick<FailedLine, "code" | "error">;

/** Says of failed items whether they are in one of these groups. */
export function inGroups(ids: readonly string[]): (line: Named) => boolean {
  const wanted = new Set(ids);
  const levels = LEVELS.filter((level) => ids.some((id) => id.startsWith(LETTERS[level])));
  // Many items have one message, and its shape costs more than all the rest.
  let last: { readonly message: string; readonly shape: string } | null = null;
  return ({ code, error }) => {
    const message = comparedText(messageText(error));
    if (last?.message !== message) last = { message, shape: shapeOf(message) };
    const { shape } = last;
    return levels.some((level) => {
      const own = level === "digits" ? withoutDigits(shape) : shape;
      return wanted.has(groupId(level, { code, class: classOf(error), shape: own }));
    });
  };
}

/** 53 bits, cyrb53: https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js */
function hash(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
