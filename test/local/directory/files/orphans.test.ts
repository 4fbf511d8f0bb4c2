import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeOrphans } from "../../../../src/local/directory/files/orphans.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";

function folderOf(...names: readonly string[]) {
  const at = temporaryDirectory();
  onTestFinished(() => at.remove());
  mkdirSync(at.path("batches", "01A"), { recursive: true });
  for (const name of names) writeFileSync(join(at.path("batches", "01A"), name), "");
  removeOrphans(at.path());
  return at;
}

test("files of attempts that no record names are removed, those of users and inputs stay", () => {
  const kept = ["failed.jsonl", "input.jsonl", "outputs.jsonl", "report-by-hand.txt", "result.json", "stdin"];
  const at = folderOf(
    ...kept,
    "result-abc.json",
    "outputs-abc.jsonl",
    "failed-abc.jsonl",
    "outputs-abc.jsonl.12-1.new",
    "input.jsonl.12-2.new",
  );
  expect(readdirSync(at.path("batches", "01A")).toSorted()).toEqual(kept);
});

test("the folder of a batch that was never submitted goes with the part of its input", () => {
  expect(existsSync(folderOf("stdin.part").path("batches", "01A"))).toBe(false);
  expect(existsSync(folderOf().path("batches", "01A"))).toBe(true);
});
