import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { temporaryDirectory } from "../memory/directory.ts";
import { lookAround } from "./requirements.ts";

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** Programs that answer with a line, or with a failure, and nothing else on PATH. */
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

test("nothing is missing where everything answers", async () => {
  expect(await lookAround(machine("all", ALL))).toEqual({
    python: "python3.13",
    missing: [],
    missingToRun: [],
  });
});

test("an empty machine is told all that it lacks", async () => {
  const { missing, missingToRun } = await lookAround(machine("empty", {}));
  expect(missing).toEqual([
    expect.stringMatching(/^Python 3\.13/),
    expect.stringMatching(/^a JDK 17/),
    expect.stringMatching(/^Maven/),
  ]);
  expect(missingToRun).toEqual([expect.stringMatching(/^a JDK 17/)]);
});

test("an old JDK, and a Python that says it is another one, are missing", async () => {
  const old = { ...ALL, javac: "echo javac 11.0.2", "python3.13": "exit 1" };
  const { missing } = await lookAround(machine("old", old));
  expect(missing).toEqual([
    expect.stringMatching(/^Python 3\.13/),
    expect.stringMatching(/^a JDK 17.*there is javac 11\.0\.2/),
  ]);
});

test("the Python that is asked for comes first, then those that pyenv keeps", async () => {
  const pyenv = machine("pyenv/versions/3.13.0/bin", { python: "exit 0" });
  const without = machine("without", { ...ALL, "python3.13": "exit 1" });
  const found = await lookAround({ ...without, PYENV_ROOT: directory.path("pyenv") });
  expect(found.python).toBe(`${pyenv.PATH}/python`);
  const wanted = `${machine("mine", { "my-python": "exit 0" }).PATH}/my-python`;
  expect((await lookAround({ ...without, PYTHON: wanted })).python).toBe(wanted);
});
