/** The Python of the comparison, and which of the packages it has. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Python {
  /** The interpreter; `null`: there is none. */
  readonly command: string | null;
  readonly version: string;
  /** Versions of the packages that are installed. */
  readonly packages: ReadonlyMap<string, string>;
}

export const PACKAGES = ["celery", "redis", "luigi", "dask", "distributed", "lithops"];
const FOLDER = fileURLToPath(new URL("python", import.meta.url));
const VERSIONS = `
import importlib.metadata, json, platform, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps({"version": platform.python_version(), "packages": found}))
`;

export function findPython(command: string): Python {
  const found = spawnSync(command, ["-c", VERSIONS, ...PACKAGES], { encoding: "utf8" });
  if (found.status !== 0) return { command: null, version: "", packages: new Map() };
  const { version, packages } = JSON.parse(found.stdout) as {
    version: string;
    packages: { [name: string]: string };
  };
  return { command, version, packages: new Map(Object.entries(packages)) };
}

/** Why these packages cannot be used, or `null`. */
export function missingPackages({ command, packages }: Python, wanted: readonly string[]): string | null {
  if (command === null) return "python3 is not installed";
  const missing = wanted.filter((name) => !packages.has(name));
  return missing.length === 0
    ? null
    : `not installed: ${missing.join(", ")} (bench/compare/requirements.txt)`;
}

export function pythonCommand(python: Python, module: string, settings: object): string[] {
  return [python.command ?? "", `${FOLDER}/main.py`, module, JSON.stringify(settings)];
}

/** Workers that libraries start find the tasks, and leave no compiled files among the sources. */
export const PYTHON_ENV = { PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: "1" };
