/**
 * Builds that the tests of a checkout share. Commands run from one: it is what users run, and it starts in a
 * third of the time of the sources.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../build/root.ts";

/** All that a build is made of. */
const SOURCES = [
  "*.{json,md}",
  "LICENSE",
  "{bin,build,docs,examples,src}/**/*.*",
  "{functions,infra}/**/*.ts",
];

/** Below the installed packages: optional ones are found from there, and `npm ci` removes it. */
const BUILDS = join(ROOT, "node_modules/.fanjoin");

/** No test still runs what is older. */
const OLD_MS = 3_600_000;

/** The path of the command, in a package without types, functions, and files for browsers. */
export async function builtCommand(): Promise<string> {
  const folder = await built("command", async (to) => (await import("../build/command.ts")).buildCommand(to));
  return join(folder, "bin/fanjoin.js");
}

/** The folder of a package as it is published. */
export function builtPackage(): Promise<string> {
  return built("package", async (to) => (await import("../build/build.ts")).build(to));
}

/** Builds what was not built of the sources as they are. Where two workers build, the first one is taken. */
async function built(what: string, build: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(BUILDS, `${what}-${keyOfSources()}`);
  if (existsSync(folder)) return folder;
  removeOld();
  const own = join(BUILDS, `${what}-of-${process.pid}`);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  await build(own);
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true });
  }
  return folder;
}

function keyOfSources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const { mtimeMs, size } = statSync(join(ROOT, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOld(): void {
  for (const name of globSync("*", { cwd: BUILDS })) {
    const path = join(BUILDS, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    if (Date.now() - mtimeMs > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}
