/** `fanjoin help`, and the paths below errors: read where there is no network, so they have to exist. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeText, topicsText, topicText } from "../../../src/cli/documents/help-text.ts";
import { topics } from "../../../src/cli/documents/topics.ts";
import { ERROR_CODES, isErrorCode } from "../../../src/core/errors/errors.ts";
import { rangeJob, workspace } from "../command.ts";
import type { Workspace } from "../command.ts";

/** The paths of pages in a text, from a directory. */
function pagesIn(text: string, at: Workspace): string[] {
  const paths = [...text.matchAll(/\S+\.md\b/g)].map(([path]) => path);
  for (const path of paths) expect(existsSync(path.startsWith("/") ? path : join(at.path, path))).toBe(true);
  return paths;
}

test("help lists topics and the page of all pages", async () => {
  const at = workspace();
  const { code, stdout, stderr } = await at.run("help");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe((await at.run("--help")).stdout);
  for (const { name } of topics()) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
  expect(pagesIn(stdout, at)).toEqual([expect.stringMatching(/docs\/README\.md$/)]);
});

test.for([
  [["help", "run"], "Usage: fanjoin run", /docs\/cli\.md$/],
  [["run", "--help"], "Usage: fanjoin run", /docs\/cli\.md$/],
  [["help", "joins"], "Rules of a fold", /docs\/joins\.md$/],
  [["help", "ITEM_TIMEOUT"], "(Timeouts)", /docs\/options\.md$/],
  [["help", "item_timeout"], "(Timeouts)", /docs\/options\.md$/],
] as const)("%s leads to a page that is there", async ([args, said, page]) => {
  const at = workspace();
  const { code, stdout, stderr } = await at.run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(said);
  expect(pagesIn(stdout, at)[0]).toMatch(page);
});

test("help on an unknown name is a mistake", async () => {
  const { code, stderr } = await workspace().run("help", "joy");
  expect(stderr).toMatch(/^fanjoin: no command, topic or error code is called joy: .* \[USAGE\]\nSee /);
  expect(code).toBe(2);
});

test("an error leads to the section that says more", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  const missing = await at.run("run", "no.ts");
  expect(missing.stderr).toMatch(/\[JOB_INVALID\]\nSee \S+docs\/options\.md \(Job options\)\n$/);
  expect(pagesIn(missing.stderr, at)).toHaveLength(1);
  const unknown = await at.run("redrive", "01KB", "--code", "NO_SUCH");
  expect(pagesIn(unknown.stderr, at)).toHaveLength(2);
});

test("the summary of a batch that failed leads to the section on its reason", async () => {
  const at = workspace();
  at.write("bad.ts", rangeJob({ process: "() => { throw new TypeError('no'); }", more: "failFast: true" }));
  const { code, stdout, stderr } = await at.run("run", "bad.ts");
  expect(code).toBe(3);
  expect(`${stdout}${stderr}`).toMatch(
    /\[TOO_MANY_FAILURES\]\n {2}see {6}\S+docs\/options\.md \(How a batch ends\)\n/,
  );
});

const TEXTS = [
  topicsText,
  ...topics().map((topic) => (columns: number) => topicText(topic, columns)),
  ...Object.keys(ERROR_CODES)
    .filter(isErrorCode)
    .map((code) => (columns: number) => codeText(code, columns)),
];

test.for([80, 40])("in %i columns only a path is longer than the terminal is wide", (columns) => {
  const lines = TEXTS.flatMap((text) => text(columns).split("\n"));
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter((line) => line.length > columns && line.trim().includes(" "))).toEqual([]);
});
