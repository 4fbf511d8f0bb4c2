import { expect, test } from "vitest";
import { jobCodeText } from "../../src/core/job-code.ts";

/** Files by name; a specifier means the file of its last part. */
function codeOf(files: { readonly [name: string]: string }, entry = "job.ts"): string {
  return jobCodeText(entry, {
    resolve: (specifier) => specifier.split("/").at(-1) ?? "",
    read: (name) => files[name] ?? null,
  });
}

const FILES = {
  "job.ts":
    'import { a } from "./a.ts";\nimport "../side.ts";\nimport { z } from "zod";\nconst b = await import("./b.ts");',
  "a.ts": 'export * from "./b.ts";\nimport type { J } from "./job.ts";',
  "b.ts": "export const b = 1;",
  "side.ts": "1;",
};

test("the files that a job imports by relative paths count, each once, in every form of import", () => {
  const whole = codeOf(FILES);
  for (const name of Object.keys(FILES)) {
    const changed = codeOf({ ...FILES, [name]: `${FILES[name as keyof typeof FILES]} // changed` });
    expect([name, changed === whole]).toEqual([name, false]);
  }
  expect(whole.split("export const b").length).toBe(2);
  expect(codeOf({ ...FILES, "unused.ts": "x" })).toBe(whole);
});

test("line ends and the names of the machine's folders do not count, and a missing file does not throw", () => {
  const windows = Object.fromEntries(
    Object.entries(FILES).map(([name, text]) => [name, text.replaceAll("\n", "\r\n")]),
  );
  expect(codeOf(windows)).toBe(codeOf(FILES));
  const { "job.ts": text, ...others } = FILES;
  expect(codeOf({ "moved.ts": text, ...others }, "moved.ts")).toBe(codeOf(FILES));
  expect(codeOf({})).toBe("");
  expect(codeOf({ "job.ts": 'import "./gone.ts";' })).toContain("./gone.ts");
});

test("files that could be cut in two ways have different texts", () => {
  const one = codeOf({ "job.ts": 'import "./a.ts";\nx', "a.ts": "y" });
  const other = codeOf({ "job.ts": 'import "./a.ts";\n', "a.ts": "xy" });
  expect(one).not.toBe(other);
});
