import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { areSmall, isSmallInput } from "../../src/find-inputs/small-input.ts";
import { bench } from "../local/engine/engines.ts";

test("files that are small together are a small input; nothing else is, and nothing that cannot be read", () => {
  const at = bench();
  const file = (name: string, bytes: number): string => at.write(name, "x".repeat(bytes));
  const [small, half, other] = [file("small", 10), file("half", 32 * 1024), file("other", 32 * 1024)];
  expect(isSmallInput([small, pathToFileURL(half)])).toBe(true);
  expect(isSmallInput([half, other])).toBe(true);
  expect(isSmallInput([half, other, small])).toBe(false);
  expect(isSmallInput([])).toBe(false);
  expect(isSmallInput([at.path()])).toBe(false);
  expect(isSmallInput([small, at.path("missing")])).toBe(false);
  expect(isSmallInput([small, "s3://bucket/key"])).toBe(false);
  expect(isSmallInput(["a\0b", new URL("https://example.com/")])).toBe(false);
  expect(isSmallInput([{ name: "stdin", bytes: new ReadableStream<Uint8Array>() }])).toBe(false);
});

test("streams are small by what was read of them", () => {
  expect(areSmall([{ size: 65_536 }])).toBe(true);
  expect(areSmall([{ size: 65_536 }, { size: 1 }])).toBe(false);
});
