/** The documents say what the sources say, and no committed file names the machine it was written on. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { program } from "../src/cli/program.ts";
import { ERROR_CODES } from "../src/core/errors/errors.ts";
import * as door from "../src/index.ts";
import { SETTINGS } from "../src/job/options.ts";

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

/** The cells of the rows of the table below a heading. */
function rowsBelow(heading: string, document: string): readonly (readonly string[])[] {
  const [, text = ""] = read(document).split(`\n## ${heading}\n`);
  const [section = ""] = text.split("\n## ");
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

test("docs/cli.md lists the options of every command", () => {
  const commands = program().commands;
  const names = commands.map((command) => command.name());
  const documented = rowsBelow("Options", "docs/cli.md").flatMap(([, options = "", of = ""]) => {
    const listed = [...of.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
    const owners = of.startsWith("all but") ? names.filter((name) => !listed.includes(name)) : listed;
    const flags = [...options.matchAll(/--[\w-]+/g)].map(([flag]) => flag);
    return owners.flatMap((owner) => flags.map((flag) => `${owner} ${flag}`));
  });
  const declared = commands.flatMap((command) =>
    command.options
      .filter(({ hidden }) => !hidden)
      .flatMap(({ long }) => (long === "--version" ? [] : [`${command.name()} ${long}`])),
  );
  expect(documented.toSorted()).toEqual(declared.toSorted());
});

test.for(["README.md", "docs/cli.md"])("%s lists every command", (document) => {
  const names = program().commands.map((command) => command.name());
  const listed = new Set([...read(document).matchAll(/`(?:fanjoin )?([a-z]+)[ `]/g)].map(([, name]) => name));
  expect(names.filter((name) => !listed.has(name))).toEqual([]);
});

test.for(["README.md", "docs/options.md"])("%s lists every option of a job", (document) => {
  const options = [
    "name",
    "input",
    "item",
    "process(item, ctx)",
    "setup(ctx)`, `teardown(own)",
    "join",
    "params",
    ...SETTINGS,
  ];
  expect(options.filter((option) => !read(document).includes(`\`${option}`))).toEqual([]);
});

const COMING_FROM = readdirSync(join(ROOT, "docs/coming-from")).map((name) => `docs/coming-from/${name}`);

/** The names that a page says are not there yet, after "not yet: ". */
function missing(page: string): string[] {
  const lists = [...page.matchAll(/not yet: ((?:`[^`]+`(?:, )?)+)/g)];
  return lists.flatMap(([, list = ""]) => [...list.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

test.for(COMING_FROM)("%s names nothing as missing that is there", (document) => {
  const commands = program().commands.map((command) => `fanjoin ${command.name()}`);
  const there = new Set<string>([...commands, ...SETTINGS, ...Object.keys(door)]);
  expect(missing(read(document)).filter((name) => there.has(name))).toEqual([]);
});

test.for(COMING_FROM)("%s names commands and options that are there", (document) => {
  const text = read(document);
  const { commands } = program();
  const options = new Set(commands.flatMap((command) => command.options.map(({ long }) => long)));
  const names = new Set([...commands.map((command) => command.name()), "help"]);
  const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  const flags = code.flatMap((span) => span.match(/--[a-z][\w-]*/g) ?? []);
  expect(flags.filter((flag) => !options.has(flag))).toEqual([]);
  const named = code.flatMap((span) => [...span.matchAll(/fanjoin ([a-z]+)/g)].map(([, name = ""]) => name));
  const later = missing(text).map((name) => name.replace("fanjoin ", ""));
  expect(named.filter((name) => !names.has(name) && !later.includes(name))).toEqual([]);
});

test("names that are not there yet are found in a list", () => {
  expect(missing("a | `x`; not yet: `one`, `fanjoin two` | `three` | not yet. `four`")).toEqual([
    "one",
    "fanjoin two",
  ]);
});

test("docs/coming-from/celery.md shows the example as it is", () => {
  expect(read("docs/coming-from/celery.md")).toContain(read("examples/from-python/celery/chord.ts").trim());
});

test("docs/input.md has one row for each tested policy, in the order of the tests", () => {
  const [, table = ""] = read("docs/input.md").split("## Policy");
  const rows = [...(table.split("##")[0]?.matchAll(/^\| ([^|]+) \|/gm) ?? [])].map(([, what = ""]) => what);
  const tests = ["records", "values", "bytes", "sizes"].map((name) => `test/input/policy/${name}.test.ts`);
  const tested = tests.flatMap((path) => [...read(path).matchAll(/^describe\("([^"]+)"/gm)]);
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
