import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apiReference, publicSymbols } from "../../build/api-reference.ts";
import { ROOT } from "./project-files.ts";

test("every public symbol has a docstring", () => {
  const bare = publicSymbols().filter(({ doc, declarations }) => doc === null || declarations.length === 0);
  expect(bare.map(({ entry, name }) => `${name} of ${entry}`)).toEqual([]);
  expect(publicSymbols().length).toBeGreaterThan(60);
});

test("docs/api-reference.md is made of the docstrings: `node build/api-reference.ts` writes it", () => {
  expect(readFileSync(join(ROOT, "docs/api-reference.md"), "utf8")).toBe(apiReference());
});
