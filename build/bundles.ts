/** The JavaScript of the published package, with the packages that it uses in it. */
import { globSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";
import { browserCodeIn, codeIn } from "./manifest.ts";
import type { SourceManifest } from "./manifest.ts";
import { ROOT } from "./root.ts";

/**
 * CommonJS packages call `require` for what Node brings. In modules there is no such function, and one from
 * `createRequire` would need an import, also in chunks that a browser loads.
 */
const builtInModules: Plugin = {
  name: "built-in-modules",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^[a-z]/ }, ({ kind, path }) =>
      kind === "require-call" && isBuiltin(path) ? { path, namespace: "built-in" } : null,
    );
    esbuild.onLoad({ filter: /^/, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Names stay as they are, and lines too: a stack trace from a user has to be of use. */
const OPTIONS = {
  absWorkingDir: ROOT,
  outbase: ROOT,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  legalComments: "none",
  metafile: true,
  plugins: [builtInModules],
} satisfies BuildOptions;

/**
 * The command, its threads and child processes, and every entry of the package. They share their chunks, so
 * that a thread loads the `fanjoin` of its job once. Code behind `import()` has chunks of its own: AWS,
 * `dev`, uploads. Returns the files that went into them, relative to the root.
 */
export async function bundleCommand(manifest: SourceManifest, folder: string): Promise<string[]> {
  const { bin, exports, imports } = manifest;
  const forBrowsers = new Set(browserCodeIn(exports));
  const entries = codeIn({ ...bin, ...exports, ...imports }).filter((entry) => !forBrowsers.has(entry));
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: entries.filter((entry) => !entry.startsWith("./functions/")),
    outdir: folder,
    chunkNames: "chunks/[name]-[hash]",
    // Peers: only apps that deploy, or that trace, have them.
    external: ["aws-cdk-lib", "constructs", "esbuild", "@opentelemetry/api"],
  });
  return Object.keys(metafile.inputs);
}

/**
 * The entries for browsers, each in one file: chunks that Node shares would have Node's variants of packages.
 */
export async function bundleForBrowsers({ exports }: SourceManifest, folder: string): Promise<string[]> {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: browserCodeIn(exports),
    outdir: folder,
    splitting: false,
    platform: "browser",
    target: "es2022",
    mainFields: ["browser", "module", "main"],
    plugins: [],
  });
  return Object.keys(metafile.inputs);
}

/**
 * The functions, with the AWS clients in them. `fanjoin/cdk` bundles them again, with the user's job, so
 * `#job` is left open. The `fanjoin` of the job is among them: both share one copy.
 */
export async function bundleFunctions(folder: string): Promise<string[]> {
  const hosts = ["credentials", "no-job", "public-door"].map((name) => `functions/host/${name}.ts`);
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: [...globSync("functions/*.ts", { cwd: ROOT }), ...hosts],
    outdir: folder,
    chunkNames: "functions/chunks/[hash]",
    alias: { "@aws-sdk/credential-provider-node": join(ROOT, "functions/host/credentials.ts") },
    external: ["#job"],
  });
  return Object.keys(metafile.inputs);
}
