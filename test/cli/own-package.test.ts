import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownSpecifier, ownVersion } from "../../src/cli/own-package.ts";
import { workspace } from "./command.ts";

test.for([
  ["a version", { dependencies: { fanjoin: "^0.1.0" } }, null],
  ["a packed file", { dependencies: { fanjoin: "file:../packs/fanjoin.tgz" } }, "packs/fanjoin.tgz"],
  ["a packed file, for development", { devDependencies: { fanjoin: "file:../f.tgz" } }, "f.tgz"],
  ["a folder", { dependencies: { fanjoin: "file:../fanjoin" } }, null],
  ["another package", { dependencies: { "create-fanjoin": "file:../create-fanjoin.tgz" } }, null],
  ["nothing that can be read", "[]", null],
] as const)("a project that names %s", ([, manifest, file]) => {
  const { path } = workspace();
  const folder = join(path, "shop/node_modules/fanjoin");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(path, "shop/package.json"),
    typeof manifest === "string" ? manifest : JSON.stringify(manifest),
  );
  expect(ownSpecifier(folder)).toBe(file === null ? ownVersion() : `file:${join(path, file)}`);
});

test("a package that no project installed is known by its version", () => {
  const { path } = workspace();
  expect(ownSpecifier(join(path, "node_modules/fanjoin"))).toBe(ownVersion());
  expect(ownSpecifier()).toBe(ownVersion());
});
