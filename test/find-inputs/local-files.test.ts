/** What directories and globs on the command line give: every path is an input, left out, or a problem. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chdir, cwd, getuid, seteuid } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sourcesOf } from "../../src/find-inputs/local-files.ts";
import type { SearchOptions } from "../../src/find-inputs/local-files.ts";
import { temporaryDirectory } from "../memory/directory.ts";
import type { TemporaryDirectory } from "../memory/directory.ts";

let at: TemporaryDirectory;
const home = cwd();

beforeEach(() => {
  at = temporaryDirectory();
  chdir(at.path());
});

afterEach(() => {
  chdir(home);
  at.remove();
});

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(name), { recursive: true });
    writeFileSync(name, name);
  }
}

interface FoundInputs {
  readonly labels: string[];
  readonly problems: { readonly [label: string]: string };
  readonly said: string[];
}

function find(inputs: readonly string[], options: SearchOptions = {}): FoundInputs {
  const said: string[] = [];
  const sources = sourcesOf(inputs, { ...options, say: (line) => said.push(line) });
  const problems = sources.flatMap(({ label, problem }) => (problem === undefined ? [] : [[label, problem]]));
  return {
    labels: sources.map(({ label }) => label),
    problems: Object.fromEntries(problems) as FoundInputs["problems"],
    said,
  };
}

const FILES = { deep: true, problems: true };

describe("a directory", () => {
  beforeEach(() => {
    write(
      "in/b.csv",
      "in/a.csv",
      "in/.hidden",
      "in/c.csv.part",
      "in/~",
      "in/sub/d.csv",
      "in/node_modules/e.csv",
    );
    write("elsewhere/f.csv");
    symlinkSync(join("..", "elsewhere", "f.csv"), join("in", "link.csv"));
    symlinkSync("..", join("in", "round"));
  });

  test("is its files and links to files; the rest is left out and counted", () => {
    expect(find(["in"])).toEqual({
      labels: ["in/a.csv", "in/b.csv", "in/link.csv"].map((label) => join(label)),
      problems: {},
      said: ["left out of in: 1 hidden name, 2 unfinished files, 2 directories, 1 link to a directory"],
    });
  });

  test("of files() is read with its subdirectories", () => {
    expect(find(["in"], FILES)).toEqual({
      labels: ["in/a.csv", "in/b.csv", "in/link.csv", "in/sub/d.csv"].map((label) => join(label)),
      problems: {},
      said: ["left out of in: 1 hidden name, 2 unfinished files, 1 link to a directory, 1 node_modules"],
    });
  });

  test("from which everything is left out is refused, and says so", () => {
    write("none/.x", "none/y.tmp");
    expect(() => find(["none"])).toThrow(
      "there are no files in the directory none (left out: 1 hidden name, 1 unfinished file)",
    );
  });

  test("a hidden or unfinished file that is named is read", () => {
    expect(find(["in/.hidden", "in/c.csv.part"])).toMatchObject({
      labels: ["in/.hidden", "in/c.csv.part"],
      said: [],
    });
  });
});

test.skipIf(process.platform === "win32")("a path that is neither a file nor a directory is counted", () => {
  write("in/a.csv");
  execFileSync("mkfifo", ["in/fifo"]);
  expect(find(["in"]).said).toEqual(["left out of in: 1 path that is neither a file nor a directory"]);
});

/** A path that is found and cannot be read. */
interface UnusablePath {
  readonly kind: string;
  readonly make: () => void;
  readonly label: string;
  /** The end of the sentence about it. */
  readonly what: RegExp;
  readonly skip?: boolean;
}

const UNUSABLE: readonly UnusablePath[] = [
  {
    kind: "a dangling link",
    make: () => symlinkSync("nowhere", "in/x.csv"),
    label: "in/x.csv",
    what: /^is a link to nowhere, which does not exist$/,
  },
  {
    kind: "a circle of links",
    make: () => symlinkSync("x.csv", "in/x.csv"),
    label: "in/x.csv",
    what: /^cannot be read \(ELOOP: /,
  },
  {
    kind: "a name that is not UTF-8",
    make: () => writeFileSync(Buffer.from("in/x\xFF.csv", "latin1"), ""),
    label: String.raw`in/x\xff.csv`,
    what: /^has a name that is not UTF-8 \(rename it\)$/,
    // Other systems refuse such names.
    skip: process.platform !== "linux",
  },
];

describe.for(UNUSABLE.filter(({ skip }) => skip !== true))("$kind", ({ make, label, what }) => {
  beforeEach(() => {
    write("in/a.csv");
    make();
  });

  test.for(["in", "in/*.csv", "in/**/*.csv", "*/*.csv", "{in,out}/x*"])(
    "is refused in %s, or a failed item of files()",
    (input) => {
      const refused = {
        code: expect.stringMatching(/^INPUT_/),
        message: expect.stringContaining(`${label} `),
      };
      expect(() => find([input])).toThrow(expect.objectContaining(refused));
      expect(find([input], FILES).problems).toEqual({ [label]: expect.stringMatching(what) });
    },
  );
});

test.skipIf(process.platform !== "linux")("a directory whose name is not UTF-8 is not passed by", () => {
  write("in/a.csv");
  mkdirSync(Buffer.from("in/x\xFF", "latin1"));
  for (const input of ["in", "in/*/*.csv", "in/**/*.csv", "in/**"])
    expect(find([input], FILES).problems).toEqual({
      [String.raw`in/x\xff`]: expect.stringContaining("UTF-8"),
    });
  expect(find(["in/*.csv"], FILES).problems).toEqual({});
  // It would not be read.
  expect(find(["in"])).toMatchObject({ labels: ["in/a.csv"], said: ["left out of in: 1 directory"] });
});

test("several paths that cannot be read are counted", () => {
  write("in/a.csv");
  for (const name of ["x", "y", "z"]) symlinkSync("nowhere", `in/${name}`);
  expect(() => find(["in"])).toThrow(
    /^in\/x is a link to .* \(and 2 other paths cannot be read\): mend or remove it/,
  );
});

/** Root may read every directory. So these tests are somebody else's for a while. */
const IS_ROOT = getuid?.() === 0;
const SOMEBODY = 65_534;

describe.skipIf(process.platform === "win32")("a directory that may not be read", () => {
  beforeEach(() => {
    write("in/a.csv", "in/locked/b.csv");
    chmodSync(at.path(), 0o755);
    chmodSync("in/locked", 0);
    if (IS_ROOT) seteuid?.(SOMEBODY);
  });

  afterEach(() => {
    if (IS_ROOT) seteuid?.(0);
    chmodSync("in/locked", 0o700);
  });

  test("is refused where it is named", () => {
    expect(() => find(["in/locked"])).toThrow(/^the directory in\/locked cannot be read \(EACCES: /);
    expect(() => find(["in/locked/*.csv"])).toThrow(/^in\/locked(\/\*\.csv)? cannot be read \(EACCES: /);
  });

  test.for(["in", "in/**/*.csv", "**/*.csv"])("below %s is one failed item of files()", (input) => {
    expect(find([input], FILES)).toMatchObject({
      labels: ["in/a.csv", "in/locked"],
      problems: { "in/locked": expect.stringMatching(/^cannot be read \(EACCES: /) },
    });
  });

  test.for(["in/**/*.csv", "in/*/*.csv"])("is refused under %s by other readers", (input) => {
    expect(() => find([input])).toThrow(/^in\/locked cannot be read \(EACCES: /);
  });

  test("does not matter to a glob that does not read it", () => {
    expect(find(["in/*.csv"]).labels).toEqual(["in/a.csv"]);
    expect(find(["in/a*"]).labels).toEqual(["in/a.csv"]);
  });
});

describe("a glob", () => {
  test("follows a link to a directory only where the pattern names it", () => {
    write("real/a.csv", "in/b.csv", "in/sub/c.csv");
    symlinkSync(join("..", "real"), join("in", "link"));
    expect(find(["in/*/*.csv"])).toMatchObject({
      labels: ["in/sub/c.csv"],
      said: ["left out of in/*/*.csv: 1 link to a directory"],
    });
    expect(find(["in/link/*.csv"])).toMatchObject({ labels: ["in/link/a.csv"], said: [] });
  });

  test("leaves out unfinished files and directories, and says how many", () => {
    write("in/a.csv", "in/b.csv.part", "in/c~", "in/sub/d.csv");
    expect(find(["in/*"])).toMatchObject({
      labels: ["in/a.csv"],
      said: ["left out of in/*: 2 unfinished files, 1 directory"],
    });
    expect(find(["in/*.part"])).toMatchObject({ labels: ["in/b.csv.part"], said: [] });
    expect(find(["./in/**/*"]).labels).toEqual(["in/a.csv", "in/sub/d.csv"]);
  });

  test("that matches nothing is refused, also where its directory is missing", () => {
    expect(() => find(["in/*.csv"])).toThrow(/^no file matches in\/\*\.csv$/);
    write("file");
    expect(() => find(["file/*.csv"])).toThrow(/^(no file matches|file cannot be read \(ENOTDIR)/);
  });
});

test("an input that cannot be looked at is a sentence", () => {
  symlinkSync("loop", "loop");
  symlinkSync("nowhere", "dangling");
  expect(() => find(["loop"])).toThrow(/^loop cannot be read \(ELOOP: /);
  expect(() => find(["dangling"])).toThrow(/^dangling is a link to nowhere, which does not exist$/);
  expect(() => find(["x".repeat(5000)])).toThrow(/cannot be read \(ENAMETOOLONG: |there is no file/);
});
