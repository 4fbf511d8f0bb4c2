/** The documents say what the sources say, and no committed file names the machine it was written on. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../src/core/errors.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

test("docs/errors.md lists the error codes of the sources", () => {
  // A row is: | `CODE` | its meaning | "yes" if a retry may help |
  const rows = read("docs/errors.md").matchAll(/^\| *`([A-Z][A-Z_]+)` *\|([^|]*)\|([^|]*)\|/gm);
  const documented = [...rows].map(([, code, ...cells]) => [code, ...cells.map((cell) => cell.trim())]);
  const declared = Object.entries(ERROR_CODES).map(([code, { means, retry }]) => [
    code,
    means,
    retry ? "yes" : "",
  ]);
  expect(documented).toEqual(declared);
});

test("docs/input.md has one row for each tested policy, in the order of the tests", () => {
  const [, table = ""] = read("docs/input.md").split("## Policy");
  const rows = [...(table.split("##")[0]?.matchAll(/^\| ([^|]+) \|/gm) ?? [])].map(([, what = ""]) => what);
  const tested = [...read("test/input/policy.test.ts").matchAll(/^describe\("([^"]+)"/gm)];
  const [, ...policies] = rows;
  expect(policies.length).toBe(tested.length);
  for (const [place, [, title = ""]] of tested.entries()) expect(policies[place]).toContain(title);
});

test.for(["npm ci && npm start", "npm ci && npm test"])("the README says `%s`", (command) => {
  expect(read("README.md")).toContain(command);
});

/**
 * Registry hosts, including the one that this machine installs from. Pieced together: this file names none.
 */
function registryHosts(): string[] {
  const configured = process.env["npm_config_registry"];
  const hosts = [
    ["registry", "npmjs", "org"],
    ["registry", "yarnpkg", "com"],
    ["npm", "pkg", "github", "com"],
  ].map((labels) => labels.join("."));
  return configured === undefined ? hosts : [...hosts, new URL(configured).host];
}

/**
 * The paths of this checkout and this home. A path of one segment is too common a word, unless it is a home.
 */
function machinePaths(): string[] {
  const home = homedir();
  return [...(ROOT.lastIndexOf("/") > 0 ? [ROOT] : []), ...(home === "/" ? [] : [home])];
}

/** Whether `text` contains `phrase` outside of a longer word. */
function mentions(text: string, phrase: string): boolean {
  const parts = text.split(phrase);
  return parts
    .slice(1)
    .some((after, before) => !/[\w.-]$/.test(parts[before] ?? "") && !/^[\w-]/.test(after));
}

test("a path is found only outside of longer words", () => {
  expect(mentions("see /home/me/project", "/home/me")).toBe(true);
  expect(mentions("see src/home/me and /home/metoo", "/home/me")).toBe(false);
});

test.skipIf(!existsSync(join(ROOT, ".git")))(
  "no file names a registry or a path of this machine (needs git)",
  () => {
    const listing = [
      "-c",
      "safe.directory=*",
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
    ];
    const paths = execFileSync("git", listing, { cwd: ROOT, encoding: "utf8" }).split("\0").filter(Boolean);
    const phrases = [...registryHosts(), ...machinePaths()];
    const found = paths.flatMap((path) => {
      if (!existsSync(join(ROOT, path))) return [];
      const text = read(path);
      if (text.includes("\0")) return [];
      return phrases.filter((phrase) => mentions(text, phrase)).map((phrase) => `${path} names ${phrase}`);
    });
    expect(paths.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  },
);
