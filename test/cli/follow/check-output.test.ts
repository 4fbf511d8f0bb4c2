import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { checkOutput, checkOutputIsNotInput } from "../../../src/cli/follow/check-output.ts";
import { sourcesOf } from "../../../src/find-inputs/local-files.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

function workspace(): (...names: string[]) => string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const path = (...names: string[]): string => directory.path(...names);
  for (const name of ["sales.csv", "job.ts", "old.json"]) writeFileSync(path(name), name);
  mkdirSync(path(".fanjoin"));
  symlinkSync(path("sales.csv"), path("link.csv"));
  linkSync(path("sales.csv"), path("twin.csv"));
  symlinkSync(path(".fanjoin"), path("state"));
  return path;
}

test.for<[title: string, name: string]>([
  ["an input", "sales.csv"],
  ["a link to an input", "link.csv"],
  ["another name of an input", "twin.csv"],
])("an output that is %s is refused, and says which", ([, name]) => {
  const path = workspace();
  const sources = sourcesOf([path("sales.csv")]).map(({ name, label }) => ({ url: name, label }));
  const check = (): void => checkOutputIsNotInput(path(name), sources);
  expect(check).toThrow(`is the input ${path("sales.csv")}, which it would replace`);
});

test("an output that is the job's file is refused", () => {
  const path = workspace();
  expect(() => checkOutputIsNotInput(path("job.ts"), [], path("job.ts"))).toThrow("is the job's file");
});

test("an earlier result, a new file and standard output are accepted", async () => {
  const path = workspace();
  const sources = sourcesOf([path("sales.csv")]).map(({ name, label }) => ({ url: name, label }));
  for (const output of [path("old.json"), path("new.json"), "-", undefined]) {
    const options = { ...(output === undefined ? {} : { output }), dir: path(".fanjoin") };
    await expect(checkOutput(options)).resolves.toBeUndefined();
    expect(() => checkOutputIsNotInput(output, sources, path("job.ts"))).not.toThrow();
  }
});

test.for<[name: string]>([["state.db"], ["batches"]])(
  "an output in the state directory is refused, through a link too: %s",
  async ([name]) => {
    const path = workspace();
    for (const folder of [".fanjoin", "state"]) {
      const check = checkOutput({ output: path(folder, name), dir: path(".fanjoin") });
      await expect(check).rejects.toThrow("is in the state directory");
    }
  },
);

test("an output without a name is refused", async () => {
  await expect(checkOutput({ output: "" })).rejects.toThrow("--output needs the name of a file");
});
