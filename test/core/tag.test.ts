import { expect, test } from "vitest";
import { TAG_BYTES, tagOf } from "../../src/core/tag.ts";
import { namesNothing } from "../../src/core/records/tree.ts";

test("every byte is a letter or a digit, so that a tag names a partial and takes seven characters", () => {
  for (let byte = 0; byte < 256; byte++) {
    const tag = tagOf(new Uint8Array(TAG_BYTES).fill(byte));
    expect(tag).toMatch(/^[A-Za-z0-9]{7}$/);
    expect(namesNothing(tag)).toBe(false);
  }
});
