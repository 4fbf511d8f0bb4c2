/** The JavaScript of a source file, and whether V8 takes it for a module. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

/** The JavaScript in the file at `url`, each character where it was. Throws for invalid TypeScript. */
export function javaScriptAt(url: string): string {
  return /\.[cm]?ts$/.test(new URL(url).pathname) ? withoutTypes(textAt(url)) : textAt(url);
}

export function textAt(url: string): string {
  return readFileSync(fileURLToPath(url), "utf8");
}

/** Node warns that this function is new. It is the one that Node itself runs TypeScript with. */
function withoutTypes(text: string): string {
  const warn = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    Object.defineProperty(process, "emitWarning", warn ?? {});
  }
}

/** What a module is wrapped in if it is CommonJS. */
const PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];

/** The errors of V8 that make Node take a file without a declared format for a module. */
const MODULE_ONLY =
  /^Cannot use import statement outside a module|^Unexpected token 'export'|^Cannot use 'import\.meta' outside/;

/** Whether the file has imports or exports. */
export function hasModuleSyntax(url: string): boolean {
  try {
    compileFunction(javaScriptAt(url), PARAMETERS);
    return false;
  } catch (thrown) {
    return thrown instanceof Error && MODULE_ONLY.test(thrown.message);
  }
}
