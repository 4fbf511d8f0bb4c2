/** Tags for the attempts that one process makes. */
import { randomFillSync } from "node:crypto";
import { TAG_BYTES, tagOf } from "../../../core/tag.ts";

/** Random bytes are drawn for many tags at once: drawing them costs far more than making a tag. */
const TAGS_IN_STOCK = 256;

const stock = new Uint8Array(TAGS_IN_STOCK * TAG_BYTES);
let used = stock.length;

export function newTag(): string {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  return tagOf(stock.subarray(used, (used += TAG_BYTES)));
}
