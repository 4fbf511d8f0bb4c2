/**
 * How imports of a job resolve. A job file may lie outside any project: `fanjoin` then means this package,
 * and `.ts` means a module. Where the file's own project has the package, that one is taken.
 */
import { registerHooks } from "node:module";
import { guardChildProcesses } from "../guard/standard-output.ts";
import { hasModuleSyntax } from "./source-text.ts";

type Resolved = ReturnType<Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>[2]>;

/** Returns the URLs of the files that were resolved, oldest first; it grows while the job is loaded. */
export function hookResolution(): ReadonlySet<string> {
  const files = new Set<string>();
  let guarded = false;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = resolveOr(() => next(specifier, context), specifier);
      if (resolved.url === "node:child_process" && !guarded) {
        guarded = true;
        guardChildProcesses();
      }
      if (!resolved.url.startsWith("file:")) return resolved;
      files.add(resolved.url);
      const format = formatOf(resolved);
      return format === null ? resolved : { ...resolved, format };
    },
  });
  return files;
}

function resolveOr(resolve: () => Resolved, specifier: string): Resolved {
  try {
    return resolve();
  } catch (thrown) {
    if (specifier !== "fanjoin") throw thrown;
    return { url: import.meta.resolve("fanjoin"), shortCircuit: true };
  }
}

/** The format, if it is not the one that Node takes. */
function formatOf({ url, format }: Resolved): "module" | "module-typescript" | null {
  const { pathname } = new URL(url);
  const [, kind = ""] = /\.(m?ts|js)$/.exec(pathname) ?? [];
  const isScript = format === "commonjs" || format === "commonjs-typescript";
  // `npm init -y` calls every package CommonJS, whatever its files are.
  const isModule = isScript
    ? kind !== "" && !pathname.includes("/node_modules/") && hasModuleSyntax(url)
    : kind.endsWith("ts");
  if (!isModule) return null;
  return kind === "js" ? "module" : "module-typescript";
}
