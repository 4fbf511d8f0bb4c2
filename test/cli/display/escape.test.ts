import { expect, test } from "vitest";
import { escapeControls } from "../../../src/cli/display/escape.ts";

test("characters that move, colour or reorder text are shown as escapes", () => {
  expect(escapeControls("a\u001b[31mred\u0000\u007f\u009b2J\r")).toBe(
    String.raw`a\u001b[31mred\u0000\u007f\u009b2J\u000d`,
  );
  expect(escapeControls("\u202egnp.exe\u2066\u2028")).toBe(String.raw`\u202egnp.exe\u2066\u2028`);
});

test("other text and newlines are unchanged", () => {
  const text = "ü 日本 👨‍👩‍👧 é\nnext";
  expect(escapeControls(text)).toBe(text);
});
