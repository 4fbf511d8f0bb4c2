import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { writeAwful } from "../../awful.ts";
import { workspace } from "../command.ts";
import type { ReaderName } from "./reading-jobs.ts";
import { TELLING_PEAK, peakOf } from "../../memory-use/telling-peak.ts";
import { failedOf, jobs } from "./reading-jobs.ts";

test("a directory is its files; a directory without files is refused", async () => {
  const at = jobs();
  mkdirSync(join(at.path, "empty"));
  const { stderr, code } = await at.run("run", "csv.ts", "empty");
  expect(stderr).toContain("there are no files in the directory empty [INPUT_NOT_FOUND]");
  expect(code).toBe(2);
});

test.for<[ReaderName, string]>([
  ["csv", ""],
  ["csv", "a,b\n"],
])("a file without items is a batch without items (%s of %j)", async ([reader, text]) => {
  const at = jobs();
  at.write("in", text);
  const { summary, code } = await at.json("run", `${reader}.ts`, "in");
  expect(summary).toMatchObject({ state: "succeeded", items: { total: 0 }, result: { value: 0 } });
  expect(code).toBe(0);
});

test.for<[ReaderName, string, number, readonly string[]]>([
  ["csv", "a,b\n1,2\n3,4", 2, []],
  ["csv", 'a,b\n1,2\n3,"4\n5,6\n', 1, ["has a quote that is never closed"]],
  ["jsonl", '{"a":1}\n{"a":', 1, ["is not JSON (Unexpected end of JSON input)"]],
  ["jsonl", '{"a":1}{"a":2}\n3\n', 1, ["is not JSON (Unexpected non-whitespace character"]],
])("%s of %j: %i items succeed, the others are listed", async ([reader, text, succeeded, messages]) => {
  const at = jobs();
  at.write("in", text);
  const { summary, code } = await at.json("run", `${reader}.ts`, "in");
  expect(summary.items).toMatchObject({ succeeded, failed: messages.length });
  const said = failedOf(at, summary).map(({ error }) => error.message);
  expect(said).toEqual(messages.map((message) => expect.stringContaining(message)));
  expect(code).toBe(Math.min(messages.length, 1));
});

test.for<[string, ReaderName, string, string, number, number]>([
  [
    "a quote that is never closed near the end of a file",
    "csv",
    `a,b\n${"1,2\n".repeat(100_000)}"3`,
    ",4\n5",
    100_000,
    1,
  ],
  ["a line", "csv", "a,b\n1,2\n", "", 1, 1],
  ["a line", "jsonl", '1\n"', '"\n2\n', 2, 1],
])(
  "%s of 100 MB costs one item, and memory that is bounded (%s)",
  async ([, reader, before, after, succeeded, failed]) => {
    const at = jobs(TELLING_PEAK);
    writeFileSync(
      join(at.path, "in"),
      Buffer.concat([Buffer.from(before), Buffer.alloc(100_000_000, "x"), Buffer.from(after)]),
    );
    const { summary, stderr, code } = await at.json("run", `${reader}.ts`, "in");
    expect(summary.items).toMatchObject({ succeeded, failed });
    const [line] = failedOf(at, summary);
    expect(line).toMatchObject({
      code: "ITEM_UNREADABLE",
      error: { message: expect.stringContaining("is longer than 64 MiB") },
    });
    expect(line?.item.length).toBeLessThanOrEqual(8192);
    expect(peakOf(stderr)).toBeLessThan(600);
    expect(code).toBe(1);
  },
);

test("an input that changed between run and resume is refused, and accepted once it is restored", async () => {
  const at = workspace();
  at.write(
    "slow.ts",
    `import { count, defineJob, lines } from "fanjoin";
    export default defineJob({ name: "slow", input: lines(), join: count(), chunk: { items: 5 },
      async process(line, { log }) { if (line === "9") log.info("nine"); await new Promise((resolve) => setTimeout(resolve, 20)); } });`,
  );
  const text = Array.from({ length: 200 }, (_, n) => `${n}\n`).join("");
  at.write("in.txt", text);
  const running = at.start("run", "slow.ts", "in.txt");
  await running.said(/nine/);
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  const [input, kept] = [join(at.path, "in.txt"), join(at.path, "kept.txt")];
  renameSync(input, kept);
  at.write("in.txt", text);
  const refused = await at.run("resume");
  expect(refused.stderr).toContain("the input in.txt is not the one that the batch was planned from");
  expect(refused.stderr).toContain("[INPUT_CHANGED]");
  expect(refused.code).toBe(2);
  renameSync(kept, input);
  const { summary, code } = await at.json("resume");
  expect(summary).toMatchObject({ state: "succeeded", result: { value: 200 } });
  expect(code).toBe(0);
});

test("bytes that are not text are listed as failed lines, without control characters", async () => {
  const at = jobs();
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919 + (i >> 8) * 31) % 256));
  writeFileSync(join(at.path, "in"), bytes);
  for (const reader of ["lines", "jsonl"]) {
    const { stdout, code } = await at.run("run", `${reader}.ts`, "in");
    expect(stdout).toContain("ITEM_UNREADABLE");
    // oxlint-disable-next-line no-control-regex -- that none are there is what is tested
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout.length).toBeLessThan(5_000);
    expect(code).toBe(1);
  }
  const { stdout, stderr } = await at.run("run", "csv.ts", "in");
  expect(stdout + stderr).toContain("the header is not usable");
  // oxlint-disable-next-line no-control-regex -- that none are there is what is tested
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test("files() reads files of any format", async () => {
  const at = workspace();
  const files = writeAwful(join(at.path, "awful"));
  at.write(
    "files.ts",
    `import { defineJob, files, sum } from "fanjoin";
    export default defineJob({ name: "files", input: files({ as: "bytes" }), process: ({ bytes }) => bytes.length, join: sum() });`,
  );
  const { summary, code } = await at.json("run", "files.ts", "awful");
  const bytes = files.reduce((total, { content }) => total + Buffer.from(content).length, 0);
  expect(summary).toMatchObject({ state: "succeeded", result: { value: bytes } });
  expect(code).toBe(0);
});

test("a thousand small files are one batch, including empty files and files with only a header", async () => {
  const at = jobs();
  for (let n = 0; n < 1_000; n++) {
    const text = n % 10 === 0 ? "" : n % 10 === 1 ? "a,b\n" : `a,b\n${n},1\nbad\n`;
    at.write(`many/${String(n).padStart(4, "0")}.csv`, text);
  }
  const { summary, code } = await at.json("run", "csv.ts", "many");
  expect(summary.items).toEqual({ total: 1_600, succeeded: 800, failed: 800, skipped: 0 });
  const failed = failedOf(at, summary);
  expect(failed[0]).toMatchObject({ source: join("many", "0002.csv"), index: 1, line: 3, offset: 8 });
  expect(new Set(failed.map(({ source }) => source)).size).toBe(800);
  expect(code).toBe(1);
});
