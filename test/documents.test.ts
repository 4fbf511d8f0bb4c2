/**
 * What the documents promise is what the sources say, and nothing that is committed names the machine it was
 * made on.
 */
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

test("the README's table of error codes is the table in the sources", () => {
  // A row is: | `CODE` | what it means | …
  const rows = read("README.md").matchAll(/^\| *`([A-Z][A-Z_]+)` *\|([^|]*)\|/gm);
  const documented = [...rows].map(([, code = "", means = ""]) => [code, means.trim()]);
  expect(documented).toEqual(Object.entries(ERROR_CODES).map(([code, { means }]) => [code, means]));
});

test("the table of policies has a row for whatever is tested as one, in the same order", () => {
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
 * Registry hosts (pieced together, so that this file names none) and whatever else this machine installs
 * from.
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

/** This checkout and this home; a path of one segment is too common a word to look for, except a home. */
function machinePaths(): string[] {
  const home = homedir();
  return [...(ROOT.lastIndexOf("/") > 0 ? [ROOT] : []), ...(home === "/" ? [] : [home])];
}

/** Whether `phrase` stands in `text` other than within a longer word. */
function mentions(text: string, phrase: string): boolean {
  const parts = text.split(phrase);
  return parts
    .slice(1)
    .some((after, before) => !/[\w.-]$/.test(parts[before] ?? "") && !/^[\w-]/.test(after));
}

test("a path is found where it stands alone, and not inside a longer word", () => {
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
