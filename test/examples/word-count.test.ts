/** The example that reads a folder of text files, on the chapters of a book. */
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { workspace, ROOT } from "../cli/command.ts";
import { run, textOf } from "./run.ts";

const chapters = readdirSync(join(ROOT, "events", "inputs", "alice")).toSorted();

/** The expected result, computed in another way: split at non-letters, counted in sorted lists. */
function expected(texts: readonly string[]) {
  const words = texts
    .flatMap((text) => text.toLowerCase().split(/[^a-zùê’'-]+|-|['’](?![a-zùê])|(?<![a-zùê])['’]/))
    .filter((word) => word !== "");
  const runs = [...Map.groupBy(words.toSorted(), (word) => word)].map(
    ([word, occurrences]) => [word, occurrences.length] as const,
  );
  const top = runs.toSorted(([, a], [, b]) => b - a).slice(0, 25);
  return { words: words.length, different: runs.length, top };
}

test.for([
  ["learned", []],
  ["of one file", ["--chunk-items", "1"]],
  ["of five", ["--chunk-items", "5"]],
] as const)(
  "word-count counts the words of all files, most frequent first, in chunks %s",
  async ([, size]) => {
    const { items, result } = await run("word-count.ts", ["alice"], size);
    expect(items).toEqual({ total: chapters.length, succeeded: chapters.length, failed: 0, skipped: 0 });
    expect(chapters.length).toBe(12);
    expect(result?.value).toEqual(expected(chapters.map((name) => textOf(join("alice", name)))));
  },
);

test("a gzip file in the folder is one failed item of word-count", async () => {
  const at = workspace();
  cpSync(join(ROOT, "events", "inputs", "alice"), join(at.path, "alice"), { recursive: true });
  writeFileSync(join(at.path, "alice", "05.txt.gz"), gzipSync("more words"));
  const job = join(ROOT, "examples", "word-count.ts");
  const { code, summary } = await at.json("run", job, "alice");
  expect(code).toBe(1);
  expect(summary.items).toMatchObject({ succeeded: chapters.length, failed: 1 });
  expect(JSON.parse(at.read(`.fanjoin/batches/${summary.batch}/failed.jsonl`))).toMatchObject({
    source: join("alice", "05.txt.gz"),
    code: "ITEM_UNREADABLE",
    error: { message: expect.stringContaining("is not valid UTF-8") },
  });
  expect(summary.result?.value).toEqual(expected(chapters.map((name) => textOf(join("alice", name)))));
});
