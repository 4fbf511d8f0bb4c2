/** The installed package of this command. */
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject } from "../core/json/json.ts";

const MANIFEST = fileURLToPath(import.meta.resolve("fanjoin/package.json"));

/** The folder of the package. */
export const OWN_FOLDER = dirname(MANIFEST);

export function ownVersion(): string {
  return (JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string }).version;
}

/**
 * What a project writes into its manifest to get this very package: its version; or the packed file, as
 * `file:/path/fanjoin.tgz`, if it was installed from one.
 */
export function ownSpecifier(folder = OWN_FOLDER): string {
  const modules = dirname(folder);
  const named = basename(modules) === "node_modules" ? namedBy(dirname(modules), basename(folder)) : null;
  const [, file] = /^file:(.*\.tgz)$/.exec(named ?? "") ?? [];
  return file === undefined ? ownVersion() : `file:${resolve(dirname(modules), file)}`;
}

/** What the manifest in `project` says of the dependency `name`; `null` if nothing. */
function namedBy(project: string, name: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    if (!isObject(manifest)) return null;
    const named = [manifest["dependencies"], manifest["devDependencies"]].map(
      (all) => isObject(all) && all[name],
    );
    return named.find((one) => typeof one === "string") ?? null;
  } catch {
    // Installed globally, or by hand.
    return null;
  }
}
