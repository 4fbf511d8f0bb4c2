import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { temporaryDirectory } from "../../memory/directory.ts";
import { checkRequirements } from "./requirements.ts";

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** An environment whose PATH has only these programs; each is a line of shell. */
function machine(name: string, programs: { readonly [program: string]: string }) {
  mkdirSync(directory.path(name), { recursive: true });
  for (const [program, answer] of Object.entries(programs)) {
    const file = directory.path(name, program);
    writeFileSync(file, `#!/bin/sh\n${answer}\n`);
    chmodSync(file, 0o755);
  }
  return { PATH: directory.path(name), PYENV_ROOT: directory.path("none") };
}

const ALL = {
  "python3.13": "exit 0",
  java: "echo 'openjdk version \"21.0.2\"' >&2",
  javac: "echo javac 21.0.2",
  mvn: "echo Apache Maven 3.9.9",
};

test("nothing is missing if all programs answer", async () => {
  expect(await checkRequirements(machine("all", ALL))).toEqual({
    python: "python3.13",
    missing: [],
    missingToRun: [],
  });
});

test("all requirements of an empty machine are listed as missing", async () => {
  const { missing, missingToRun } = await checkRequirements(machine("empty", {}));
  expect(missing).toEqual([
    expect.stringMatching(/^Python 3\.13/),
    expect.stringMatching(/^a JDK 17/),
    expect.stringMatching(/^Maven/),
  ]);
  expect(missingToRun).toEqual([expect.stringMatching(/^a JDK 17/)]);
});

test("an old JDK and a Python of the wrong version count as missing", async () => {
  const old = { ...ALL, javac: "echo javac 11.0.2", "python3.13": "exit 1" };
  const { missing } = await checkRequirements(machine("old", old));
  expect(missing).toEqual([
    expect.stringMatching(/^Python 3\.13/),
    expect.stringMatching(/^a JDK 17.*there is javac 11\.0\.2/),
  ]);
});

test("PYTHON comes first, then the versions of pyenv", async () => {
  const pyenv = machine("pyenv/versions/3.13.0/bin", { python: "exit 0" });
  const without = machine("without", { ...ALL, "python3.13": "exit 1" });
  const found = await checkRequirements({ ...without, PYENV_ROOT: directory.path("pyenv") });
  expect(found.python).toBe(`${pyenv.PATH}/python`);
  const wanted = `${machine("mine", { "my-python": "exit 0" }).PATH}/my-python`;
  expect((await checkRequirements({ ...without, PYTHON: wanted })).python).toBe(wanted);
});
