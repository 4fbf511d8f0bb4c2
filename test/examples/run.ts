/** Runs an example as the README shows, on an input in the repository. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { workspace, ROOT } from "../cli/command.ts";

/** Returns the summary. Expects an empty standard error and the exit code that fits the counts. */
export async function run(example: string, inputs: readonly string[], options: readonly string[] = []) {
  const { code, stderr, summary } = await workspace().json(
    "run",
    join(ROOT, "examples", example),
    ...inputs.map((input) => join(ROOT, "events", "inputs", input)),
    "--quiet",
    ...options,
  );
  expect(stderr).toBe("");
  expect(code).toBe(summary.items.failed === 0 ? 0 : 1);
  return summary;
}

export function textOf(input: string): string {
  return readFileSync(join(ROOT, "events", "inputs", input), "utf8");
}

/** The lines of a published file of JSON Lines. */
export function linesOf(path: string | undefined): unknown[] {
  return readFileSync(path ?? "", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}
