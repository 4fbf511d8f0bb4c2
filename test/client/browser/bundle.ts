/** Bundles programs for browsers, as users do. */
import { build } from "esbuild";
import type { Metafile } from "esbuild";
import { ROOT } from "../../cli/command.ts";

interface Bundle {
  readonly code: string;
  readonly inputs: Metafile["inputs"];
}

/** `program`: TypeScript, with imports relative to the root. Its exports become the global `page`. */
export async function bundle(program: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName: "page",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return { code: outputFiles[0]?.text ?? "", inputs: metafile.inputs };
}
