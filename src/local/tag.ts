import { randomBytes } from "node:crypto";
import { TAG_BYTES, tagOf } from "../core/tag.ts";

export function newTag(): string {
  return tagOf(randomBytes(TAG_BYTES));
}
