/** The documents name files, folders and identifiers that exist, and stay short where they are read first. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, posix } from "node:path";
import { expect, test } from "vitest";
import { ROOT, projectFiles } from "./project-files.ts";

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** All but the history, which may name files that are gone. */
const DOCUMENTS = projectFiles.filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md").toSorted();
/** They describe the sources. The other pages are for users, and name users' files too. */
const ABOUT_SOURCES = DOCUMENTS.filter((path) => /^(ARCHITECTURE|CONTRIBUTING)|^docs\/design\//.test(path));

const folders = [...new Set(projectFiles.flatMap(ancestors))].toSorted();

/** The folders that hold `path`, from the top. */
function ancestors(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

const words = new Set(
  projectFiles
    .filter((path) => /\.(ts|js)$/.test(path))
    .flatMap((path) => read(path).match(/[A-Za-z_$][\w$]*/g) ?? []),
);

/** The text without blocks of code. */
function prose(text: string): string {
  return text.replaceAll(/^ *```[^]*?^ *```/gm, "");
}

/** The blocks of code. */
function blocks(text: string): string {
  return (text.match(/^ *```[^]*?^ *```/gm) ?? []).join("\n");
}

/** The code within the lines of a text. */
function codeSpans(text: string): string[] {
  return [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** The file types that a repository path may end in. */
const FILE = /\.(ts|js|mjs|json|md|py|csv|jsonl)$/;

/**
 * Code that names a file or folder of this repository, as a glob; `null` for other code. `<name>` stands for
 * any name. A path begins with a folder of the root or of `src`.
 */
function repositoryGlob(code: string): string | null {
  const glob = code.replaceAll(/<[\w-]+>/g, "*").replace(/\/$/, "");
  if (!/^[\w.*{},-]+(\/[\w.*{},-]+)+$/.test(glob)) return null;
  const [top = ""] = glob.split("/");
  return folders.includes(top) || folders.includes(`src/${top}`) ? glob : null;
}

function exists(glob: string): boolean {
  return [...projectFiles, ...folders].some(
    (path) => matchesGlob(path, glob) || matchesGlob(path, `src/${glob}`),
  );
}

/**
 * The anchors of a page, made of its headings as GitHub makes them: a heading that comes again has a number.
 */
function anchors(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** The targets of the links in a text. */
function linksIn(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
}

/** The file of the repository that a link of a document leads to; `null` for one that leads out of it. */
function targetOf(document: string, link: string): string | null {
  if (link.startsWith("https://")) return null;
  const [path = ""] = link.split("#");
  return path === "" ? document : posix.join(dirname(document), path);
}

test.for(DOCUMENTS)("%s names paths that exist", (document) => {
  const globs = codeSpans(read(document)).flatMap((code) => repositoryGlob(code) ?? []);
  expect(globs.filter((glob) => !exists(glob))).toEqual([]);
});

test.for(DOCUMENTS)("%s has links that lead somewhere", (document) => {
  const broken = linksIn(read(document)).filter((link) => {
    const target = targetOf(document, link);
    if (target === null) return false;
    if (!existsSync(join(ROOT, target))) return true;
    const [, anchor] = link.split("#");
    return anchor !== undefined && !anchors(read(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

/** The rows of tables, without their headings. */
function tableRows(text: string): string[] {
  const lines = prose(text).split("\n");
  return lines.filter((line, at) => line.startsWith("| ") && !(lines[at + 1] ?? "").startsWith("|---"));
}

const COMING_FROM = DOCUMENTS.filter((path) => path.startsWith("docs/coming-from"));

test.for(COMING_FROM)("every row of %s has a link", (document) => {
  const rows = tableRows(read(document));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter((row) => !/\]\([^)]+\)/.test(row))).toEqual([]);
});

test("every example for those who come from Python has a row that links to it", () => {
  const pages = COMING_FROM.map(read).join("\n");
  const examples = projectFiles.filter((path) => /^examples\/from-python\/.*\.ts$/.test(path));
  expect(examples.length).toBeGreaterThan(20);
  expect(examples.filter((path) => !pages.includes(`](../../${path})`))).toEqual([]);
});

const PAGES = DOCUMENTS.filter((path) => path.startsWith("docs/"));

test.for(PAGES)("%s begins with a sentence that says what the page is for", (page) => {
  expect(read(page)).toMatch(/^# .+\n\nThis page [a-z][^]*?\.(?=\n\n|\s[A-Z])/);
});

test("every page of docs can be reached from docs/README.md", () => {
  const reached = new Set(["docs/README.md"]);
  // The set grows while it is read.
  for (const document of reached) {
    for (const link of linksIn(read(document))) {
      const target = targetOf(document, link);
      if (target !== null && PAGES.includes(target)) reached.add(target);
    }
  }
  expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
  expect(PAGES.length).toBeGreaterThan(20);
});

test("only the command line names pages of docs by their paths: no HTTP answer can have one", () => {
  const others = projectFiles.filter((path) => /^(src\/(?!cli\/)|functions\/).*\.ts$/.test(path));
  const named = others.filter((path) => /docs\/[\w/-]*\.md|cli\/documents/.test(withoutComments(path)));
  expect(named).toEqual([]);
  expect(others.length).toBeGreaterThan(100);
});

test.for(ABOUT_SOURCES)("%s names files and identifiers that exist", (document) => {
  const codes = codeSpans(read(document));
  // `tree.ts`, without its folder.
  const names = codes.filter((code) => FILE.test(code) && /^\w[\w.-]*$/.test(code));
  expect(names.filter((name) => !projectFiles.some((path) => posix.basename(path) === name))).toEqual([]);
  // `stateOf`, `ItemDied`: a word with a capital within. `UpdateItem` is `UpdateItemCommand` in the SDK.
  const identifiers = codes.filter((code) => /^[A-Za-z]*[a-z][A-Z]\w*$/.test(code));
  expect(identifiers.filter((name) => !words.has(name) && !words.has(`${name}Command`))).toEqual([]);
});

test("the map has a sentence for every folder of the sources and tests", () => {
  const map = read("ARCHITECTURE.md") + read("test/README.md");
  const named = new Set(codeSpans(map).map((code) => code.replace(/\/$/, "")));
  const mirrors = (folder: string): boolean => {
    const mirrored = folder.replace(/^test\//, "");
    return folders.includes(mirrored) || folders.includes(`src/${mirrored}`);
  };
  const missing = folders.filter((folder) => {
    if (!/^(src|functions|infra|test)(\/|$)/.test(folder)) return false;
    if (named.has(folder) || named.has(folder.replace(/^src\//, ""))) return false;
    if (folder.startsWith("test/localstack/")) return false;
    return !(folder.startsWith("test/") && mirrors(folder));
  });
  expect(missing).toEqual([]);
});

test.for([
  ["README.md", 130, 7 * 1024],
  ["ARCHITECTURE.md", 250, 12 * 1024],
] as const)("%s has at most %i lines and %i bytes", ([document, maxLines, maxBytes]) => {
  const text = read(document);
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(maxLines);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
});

test("paths of the repository are told from other code", () => {
  expect(repositoryGlob("core/records/tree.ts")).toBe("core/records/tree.ts");
  expect(repositoryGlob("src/input/<kind>.ts")).toBe("src/input/*.ts");
  expect(repositoryGlob("test/memory/{s3,sqs}.ts")).toBe("test/memory/{s3,sqs}.ts");
  expect(repositoryGlob("bin/")).toBeNull();
  for (const code of ["batches/<batch>/", "fanjoin/cdk", "npm run build", "s3://local/inputs"])
    expect(repositoryGlob(code)).toBeNull();
});

test("a path that does not exist is noticed", () => {
  expect(exists("src/core/records/tree.ts")).toBe(true);
  expect(exists("core/records")).toBe(true);
  expect(exists("core/records/{tree,plan}.ts")).toBe(true);
  expect(exists("core/records/bush.ts")).toBe(false);
});

test("headings become anchors", () => {
  expect(anchors("# What it costs\n\n## `fanjoin dev`: the API")).toEqual([
    "what-it-costs",
    "fanjoin-dev-the-api",
  ]);
  expect(anchors("# A\n\n```sh\n# b\n```\n\n## A\n")).toEqual(["a", "a-1"]);
});

test("no example reads an empty cell as 0: numbers of cells are coerced from text that is not empty", () => {
  const examples = projectFiles.filter((path) => /^examples\/.*\.ts$/.test(path));
  const code = [...DOCUMENTS.map((path) => blocks(read(path))), ...examples.map(withoutComments)].join("\n");
  const coerced = [...code.matchAll(/(\S*?)z\.coerce\.number/g)].map(([, before = ""]) => before);
  expect(coerced.length).toBeGreaterThan(3);
  for (const before of coerced) expect(before).toMatch(/\.trim\(\)\.min\(1\)\.pipe\($/);
});

function withoutComments(path: string): string {
  return read(path).replaceAll(/\/\*[^]*?\*\//g, "");
}
