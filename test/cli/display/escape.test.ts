import { expect, test } from "vitest";
import { escapeControls, escapeEntry, escapeLine } from "../../../src/cli/display/escape.ts";

test("characters that move, colour or reorder text are shown as escapes", () => {
  expect(escapeControls("a\u001b[31mred\u0000\u007f\u009b2J\r")).toBe(
    String.raw`a\u001b[31mred\u0000\u007f\u009b2J\u000d`,
  );
  expect(escapeControls("\u202egnp.exe\u2066\u2028")).toBe(String.raw`\u202egnp.exe\u2066\u2028`);
});

test("other text and newlines are unchanged", () => {
  const text = "ü 日本 👨‍👩‍👧 é\n\tnext";
  expect(escapeControls(text)).toBe(text);
});

test("a newline in a name does not end its line, and one in a log begins no other entry", () => {
  expect(escapeLine("a\nfanjoin: done\t")).toBe(String.raw`a\u000afanjoin: done\u0009`);
  expect(escapeEntry("a\nshout 01K succeeded\u001b[2J\n")).toBe("a\n  shout 01K succeeded\\u001b[2J");
});
