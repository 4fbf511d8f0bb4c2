/** Runs what a page shows: its blocks of code, in a project of a user. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtPackage } from "./builds.ts";
import { workspace } from "./cli/command.ts";
import type { Workspace } from "./cli/command.ts";

/** With types: a page may have its code checked. */
const PACKAGE = await builtPackage();

/** The first block of code in a language below a heading of a page. */
export function codeBelow(page: string, heading: string, language: string): string {
  const [, below = ""] = page.split(`\n## ${heading}\n`);
  const [section = ""] = below.split("\n## ");
  const [, code = ""] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section) ?? [];
  if (code === "") throw new Error(`${heading} has no block of ${language}`);
  return code;
}

interface Shell {
  readonly code: number | null;
  readonly said: string;
}

export interface Project extends Workspace {
  shell(command: string, ...args: string[]): Shell;
}

/** A project in which fanjoin is installed. */
export function project(): Project {
  const at = workspace();
  const modules = join(at.path, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  symlinkSync(PACKAGE, join(modules, "fanjoin"), "junction");
  symlinkSync(join("..", "fanjoin", "bin", "fanjoin.js"), join(modules, ".bin", "fanjoin"));
  at.write("package.json", JSON.stringify({ name: "shop", private: true, type: "module" }));
  const { FORCE_COLOR: _force, ...rest } = process.env;
  const env = { ...rest, PATH: `${dirname(process.execPath)}:${rest["PATH"]}`, npm_config_offline: "true" };
  return {
    ...at,
    shell(command, ...args) {
      const spawned = spawnSync("sh", ["-c", command, "sh", ...args], {
        cwd: at.path,
        env,
        encoding: "utf8",
      });
      return { code: spawned.status, said: `${spawned.stdout}${spawned.stderr}` };
    },
  };
}
