import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOCUMENTS, documentPath } from "../../../src/cli/documents/document-path.ts";
import { ROOT } from "../command.ts";

test("the path of a page is the shorter one of the relative and the absolute path", () => {
  const folder = "/shop/node_modules/fanjoin/docs";
  expect(documentPath("cli.md", "/shop", folder)).toBe("node_modules/fanjoin/docs/cli.md");
  expect(documentPath("cli.md", "/shop/jobs", folder)).toBe("../node_modules/fanjoin/docs/cli.md");
  expect(documentPath("cli.md", "/var/lib/batches", folder)).toBe("/shop/node_modules/fanjoin/docs/cli.md");
  // The working directory is gone.
  expect(documentPath("cli.md", null, folder)).toBe("/shop/node_modules/fanjoin/docs/cli.md");
});

test("a path with a space can be pasted", () => {
  expect(documentPath("cli.md", "/", "/my shop/docs")).toBe("'my shop/docs/cli.md'");
});

test("the documents of a checkout are found", () => {
  expect(existsSync(join(DOCUMENTS, "README.md"))).toBe(true);
  expect(documentPath("cli.md", ROOT)).toBe("docs/cli.md");
});
