import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./root.ts";

/** Writes the types of `entries`, and of all that these name, into `folder`. */
export function writeDeclarations(entries: readonly string[], folder: string): void {
  const outDir = resolve(folder);
  const config = join(outDir, "tsconfig.build.json");
  const compilerOptions = {
    rootDir: ROOT,
    outDir,
    typeRoots: [join(ROOT, "node_modules/@types")],
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
  };
  const files = entries.map((entry) => join(ROOT, entry));
  writeFileSync(
    config,
    JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, files, include: [] }),
  );
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  execFileSync(process.execPath, [tsc, "--project", config], { stdio: "inherit" });
  rmSync(config);
  removeOthers(
    entries.map((entry) => declarationOf(join(outDir, entry))),
    outDir,
  );
}

/** The compiler also writes the types of what only the code of the entries imports. */
function removeOthers(entries: readonly string[], folder: string): void {
  const named = new Set(entries);
  // The set grows while it is read.
  for (const file of named) {
    const text = readFileSync(file, "utf8").replaceAll(COMMENT, "");
    for (const [, target = ""] of text.matchAll(RELATIVE)) {
      named.add(declarationOf(join(dirname(file), target)));
    }
  }
  const written = globSync("{infra,src}/**/*.d.ts", { cwd: folder }).map((name) => join(folder, name));
  for (const file of written) if (!named.has(file)) rmSync(file);
}

/** Comments have examples with files of users. */
const COMMENT = /\/\*[^]*?\*\//g;

/** `from "./x.ts"`, `import("./x.ts")`, `import "./x.ts"`. */
const RELATIVE = /\b(?:from |import ?\(?)"(\.[^"]+)"/g;

function declarationOf(file: string): string {
  return file.replace(/\.[jt]s$/, ".d.ts");
}
