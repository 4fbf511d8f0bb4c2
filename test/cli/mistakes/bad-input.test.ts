import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { AWFUL, writeAwful } from "../../awful.ts";
import { MAX_UNPACKED_BYTES } from "../../awful/awful.ts";
import type { Awful } from "../../awful/awful.ts";
import { workspace } from "../command.ts";
import type { Workspace } from "../command.ts";

const READERS = ["csv", "jsonl", "lines", "json"] as const;
type ReaderName = (typeof READERS)[number];

interface Failed {
  readonly source: string;
  readonly line: number | null;
  readonly offset: number | null;
  readonly code: string;
  readonly error: { readonly message: string };
  readonly item: string;
}

/** A workspace with one counting job for each reader. */
function jobs(env: NodeJS.ProcessEnv = {}): Workspace {
  const at = workspace(env);
  for (const reader of READERS) {
    at.write(
      `${reader}.ts`,
      `import { count, defineJob, ${reader} } from "fanjoin";
      export default defineJob({ name: "${reader}", input: ${reader}({ maxUnpackedBytes: ${MAX_UNPACKED_BYTES} }), process: () => null, join: count(), retries: 0 });`,
    );
  }
  return at;
}

function failedOf(at: Workspace, { batch, failed }: BatchSummary): Failed[] {
  const text = failed ? at.read(`.fanjoin/batches/${batch}/failed.jsonl`) : "";
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Failed);
}

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

/** Prints the peak memory of the process, in MB. */
const PEAK = `
  import { isMainThread } from "node:worker_threads";
  if (isMainThread) process.on("exit", () => console.error("peak " + Math.round(process.resourceUsage().maxRSS / 1024)));
`;
const TELLING_PEAK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PEAK)}` };

function peakOf(stderr: string): number {
  return Number(/peak (\d+)/.exec(stderr)?.[1]);
}

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

const isRead = (file: Awful): file is Extract<Awful, { items: number }> => "items" in file;

/** For each failed item of a file: its code, and a pattern for its message. */
function saidOf(file: Awful): (readonly [code: string, message: RegExp])[] {
  if (!isRead(file)) return [["INPUT_INVALID", file.refused]];
  const said = Array.from({ length: file.failed }, () => ["ITEM_UNREADABLE", /./] as const);
  return file.damage === undefined ? said : [...said.slice(1), ["INPUT_INVALID", file.damage]];
}

test.for(READERS)(
  "a folder of damaged files is one batch in bounded memory: each file is processed, or one failed item with a reason (%s)",
  async (reader) => {
    const at = jobs(TELLING_PEAK);
    const files = writeAwful(join(at.path, "awful"), (file) => file.reader === reader);
    const { summary, code, stderr } = await at.json("run", `${reader}.ts`, "awful");
    const failed = Map.groupBy(failedOf(at, summary), ({ source }) => source);
    for (const file of files) {
      const own = failed.get(join("awful", file.name)) ?? [];
      const told = own.map(({ code: why, error, line, offset }) => ({
        why,
        words: error.message,
        placed: line !== null && offset !== null,
      }));
      const expected = saidOf(file).map(([why, words]) => {
        return { why, words: expect.stringMatching(words) as string, placed: reader !== "json" };
      });
      expect({ [file.name]: told }).toEqual({ [file.name]: expected });
    }
    const succeeded = files.reduce((sum, file) => sum + (isRead(file) ? file.items : 0), 0);
    const lost = files.flatMap(saidOf).length;
    expect(summary).toMatchObject({
      state: "completed-with-failures",
      items: { total: succeeded + lost, succeeded, failed: lost, skipped: 0 },
      result: { value: succeeded },
    });
    expect(peakOf(stderr)).toBeLessThan(400);
    expect(code).toBe(1);
  },
);

test("a reader of all the damaged files accounts for each of them", async () => {
  const at = jobs(TELLING_PEAK);
  const files = writeAwful(join(at.path, "awful"));
  for (const reader of READERS) {
    const { summary, code, stderr } = await at.json("run", `${reader}.ts`, "awful");
    const failed = failedOf(at, summary);
    expect(summary.items).toMatchObject({ failed: failed.length, skipped: 0 });
    // Every failed item has a file and a message.
    const names = new Set(files.map(({ name }) => join("awful", name)));
    expect(failed.filter(({ source, error }) => !names.has(source) || error.message === "")).toEqual([]);
    expect(peakOf(stderr)).toBeLessThan(400);
    expect(code).toBe(1);
  }
});

const refused = AWFUL.filter((file) => !isRead(file));

test.for(refused.map((file) => [file.name, file] as const))(
  "%s alone is refused, and it is said why, and of which file",
  async ([name, file]) => {
    const at = jobs();
    writeAwful(at.path, (one) => one === file);
    const { stdout, code } = await at.run("run", `${file.reader}.ts`, name);
    const [, reason = ""] = /^ {2}reason {3}(.*)$/m.exec(stdout) ?? [];
    expect(reason).toMatch("refused" in file ? file.refused : /never/);
    expect(reason.startsWith(name)).toBe(true);
    expect(reason).toContain("[INPUT_INVALID]");
    expect(code).toBe(3);
  },
);

test("a damaged file alone is read up to the damaged member, and the summary shows the place", async () => {
  const at = jobs();
  const name = "second-member-wrong.csv.gz";
  writeAwful(at.path, (file) => file.name === name);
  const { stdout, code } = await at.run("run", "csv.ts", name);
  expect(stdout).toContain("items    4: 3 succeeded, 1 failed");
  expect(stdout).toMatch(
    / {2}1 {2}its gzip data do not have the checksum that they should have, at byte \d+ of the packed file/,
  );
  expect(stdout).toContain(
    "\n     INPUT_INVALID, second-member-wrong.csv.gz:5; the rest of the file was not read\n",
  );
  expect(stdout).not.toContain("in doubt:");
  expect(code).toBe(1);
});

test("a member that is too large to be verified first: the summary says that its items are in doubt", async () => {
  const at = jobs();
  const row = `${"1".repeat(1_000_000)},2\n`;
  const packed = gzipSync(`a,b\n${row.repeat(70)}`);
  // The checksum comes before the length.
  packed[packed.length - 8]! ^= 1;
  writeFileSync(join(at.path, "in.csv.gz"), packed);
  at.write(
    "raised.ts",
    `import { count, csv, defineJob } from "fanjoin";
    export default defineJob({ name: "raised", input: csv(), process: () => null, join: count() });`,
  );
  const { stdout, code } = await at.run("run", "raised.ts", "in.csv.gz");
  expect(stdout).toContain("items    71: 70 succeeded, 1 failed");
  expect(stdout).toContain("damaged  items of 1 input are in doubt: its failed item says which");
  expect(code).toBe(1);
  const { summary } = await at.json("show", /^ {2}batch +(\S+)$/m.exec(stdout)?.[1] ?? "");
  expect(summary).toMatchObject({ damaged: 1, state: "completed-with-failures" });
  const [failed] = failedOf(at, summary);
  expect(failed?.error.message).toMatch(
    /do not have the checksum .* All items since this gzip member began, at byte 0, are in doubt\.$/,
  );
  const redriven = await at.json("redrive", summary.batch);
  expect(redriven.summary).toMatchObject({ damaged: 1, items: { succeeded: 70, failed: 1 } });
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
