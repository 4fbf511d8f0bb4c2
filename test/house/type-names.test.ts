/** One word, one meaning: two exported types of the same name would differ only by their paths. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const TYPES = new Set(["TSInterfaceDeclaration", "TSTypeAliasDeclaration", "ClassDeclaration"]);

/** The types that a source declares and exports. Types that it re-exports are declared elsewhere. */
function exportedTypes(path: string, text: string): string[] {
  const { program } = parseSync(path, text);
  return program.body.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration" || !node.declaration) return [];
    const { declaration } = node;
    if (!TYPES.has(declaration.type) || !("id" in declaration)) return [];
    return declaration.id && "name" in declaration.id ? [declaration.id.name] : [];
  });
}

test("every exported type name of src is declared once", () => {
  const places = new Map<string, string[]>();
  for (const path of globSync("src/**/*.ts", { cwd: ROOT }).toSorted()) {
    for (const name of exportedTypes(path, readFileSync(join(ROOT, path), "utf8")))
      places.set(name, [...(places.get(name) ?? []), path]);
  }
  const shared = [...places].filter(([, paths]) => paths.length > 1);
  expect(shared.map(([name, paths]) => `${name}: ${paths.join(", ")}`)).toEqual([]);
  expect(places.size).toBeGreaterThan(0);
});

test("interfaces, aliases and classes are found; values, private types and re-exported types are not", () => {
  const text = `
    export interface A {}
    export type B = A;
    export class C {}
    export const d = 1;
    export function e(): void {}
    interface F {}
    export type { G } from "./g.ts";
  `;
  expect(exportedTypes("x.ts", text)).toEqual(["A", "B", "C"]);
});
