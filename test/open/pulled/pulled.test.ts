/** Chunks of a batch, pulled into a directory and run again from there, for each way to read an input. */
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";
import { open } from "../../../src/open/open.ts";
import { writePulled } from "../../../src/open/pulled/write-pulled.ts";
import { all, bench, job, reproduce } from "./reproducing.ts";
import type { Case } from "./reproducing.ts";

const NUMBERS = Array.from({ length: 60 }, (_, n) => n);
/** Some rows have a newline in a field. */
const ROWS = NUMBERS.map((n) => `${n},${n % 5 === 0 ? '"a\nb"' : "x".repeat(n)}\n`).join("");
const CSV = `# made by hand\nid,note\n${ROWS}`;
const JSON_LINES = NUMBERS.map((n) => `{"id":${n},"note":"${"é".repeat(n % 9)}"}\n`).join("");

/** Twenty files of three items each, in the order of their names. */
function smallFiles(
  fileOf: (n: number, csv: string) => readonly [string, string | Uint8Array],
): Record<string, string | Uint8Array> {
  const files = Array.from({ length: 20 }, (_, n) =>
    fileOf(n, `id,note\n${3 * n},"a\nb"\n${3 * n + 1},\n${3 * n + 2},x\n`),
  );
  return Object.fromEntries(files);
}

const CASES: { readonly [title: string]: Case } = {
  "rows of CSV": {
    input: 'csv({ comment: "#" })',
    value: "item.id",
    files: { "a.csv": CSV, "b.csv": CSV },
    chunk: { bytes: 90 },
  },
  "rows of CSV after lines that are skipped": {
    input: "csv({ skipLines: 1 })",
    value: "item.id",
    files: { "a.csv": CSV },
    chunk: { items: 4 },
  },
  "rows of CSV without a header": {
    input: 'csv({ columns: ["id", "note"] })',
    value: "item.id",
    files: { "a.csv": ROWS },
    chunk: { items: 3 },
  },
  "rows of packed CSV": {
    input: 'csv({ comment: "#" })',
    value: "item.id",
    files: { "a.csv.gz": gzipSync(CSV), "b.csv": CSV },
    chunk: { items: 4 },
  },
  "rows in another encoding": {
    input: 'csv({ comment: "#" })',
    value: "item.id",
    files: { "a.csv": Buffer.from(`\uFEFF${CSV}`, "utf16le") },
    chunk: { items: 4 },
  },
  "JSON lines, cut at any byte": {
    input: "jsonl()",
    value: "item.id",
    files: { "a.jsonl": JSON_LINES },
    chunk: { bytes: 50 },
  },
  "lines in chunks of several leaves": {
    input: "lines()",
    value: "item",
    files: { "a.txt": "1\n".repeat(5), "b.txt": "1\n".repeat(400) + NUMBERS.join("\n") },
    chunk: { items: 2 },
  },
  "lines without a last line end": {
    input: "lines()",
    value: "item",
    files: { "a.txt": NUMBERS.join("\n") },
    chunk: { bytes: 11 },
  },
  "elements of a JSON document": {
    input: 'json({ path: "rows" })',
    value: "item.id",
    files: { "a.json": `{"rows":[${JSON_LINES.trim().replaceAll("\n", ",\n")}]}` },
    chunk: { items: 4 },
  },
  "generated items": {
    input: "from(function* () { for (let n = 0; n < 60; n++) yield { n }; })",
    value: "item.n",
    chunk: { items: 4 },
  },
  "inline items": {
    input: `items(${JSON.stringify(NUMBERS.map((n) => ({ n })))})`,
    value: "item.n",
    chunk: { items: 4 },
  },
  "items of a submission": {
    input: "csv()",
    value: "item.id",
    items: { items: NUMBERS.map((n) => ({ id: String(n) })) },
    chunk: { items: 4 },
  },
  "rows of small files, some of them packed": {
    input: "csv()",
    value: "item.id",
    files: smallFiles((n, text) => (n % 3 === 0 ? [`${n}.csv.gz`, gzipSync(text)] : [`${n}.csv`, text])),
    chunk: { bytes: 90 },
  },
  "lines of small files": {
    input: "lines()",
    value: "item",
    files: smallFiles((n) => [`${n}.txt`, `${3 * n}\n${3 * n + 1}\n${3 * n + 2}`]),
    chunk: { bytes: 16 },
  },
  "elements of small documents": {
    input: "json()",
    value: "item",
    files: smallFiles((n) => [`${n}.json`, JSON.stringify([3 * n, 3 * n + 1, 3 * n + 2], null, 1)]),
    chunk: { bytes: 40 },
  },
  "a range": { input: "range(60)", value: "item", chunk: { items: 4 } },
};

test.for(Object.entries(CASES))("%s fail again, at the same places with the same keys", async ([, one]) => {
  const at = await bench();
  const { batch, written, again, ended, failed } = await reproduce(at, one);
  expect(failed.map(({ error }) => error.message.split(" ")[1])).toContain("59");
  expect(failed.length % 9).toBe(0);
  expect(await all(again.failed())).toEqual(failed);
  const chunks = new Set(failed.map(({ chunk }) => chunk)).size;
  expect(written.chunks).toBe(chunks);
  expect(ended.reproduces).toEqual({ batch: batch.id, chunks });
  // The chunks that did not fail were not run.
  expect(ended.items.total).toBeLessThan((await batch.summary()).items.total ?? 0);
  expect(at.notices).toEqual([]);
});

test("one chunk is pulled by its number, and an unknown number is refused with those there are", async () => {
  const at = await bench();
  const one = CASES["rows of CSV"] as Case;
  const { batch, again, failed } = await reproduce(at, one, { chunk: 3 });
  const expected = failed.filter(({ chunk }: FailedLine) => chunk === 3);
  expect(expected.length).toBeGreaterThan(0);
  expect(await all(again.failed())).toEqual(expected);
  const unknown = writePulled(at.path("none"), batch.pull({ chunk: 400 }));
  await expect(unknown).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    message: expect.stringMatching(/has the chunks 0 to \d+, and none with the number 400/),
  });
  expect(readdirSync(at.path("."))).not.toContain("none");
});

test("a pulled directory holds the ranges and the header alone, for its owner alone", async () => {
  const at = await bench();
  const { written } = await reproduce(at, CASES["rows of CSV"] as Case, { chunk: 4 });
  const names = readdirSync(at.path("pulled")).toSorted();
  expect(names).toEqual(["chunk-4", "pulled.json"]);
  expect(statSync(at.path("pulled")).mode & 0o777).toBe(0o700);
  for (const name of names) expect(statSync(join(at.path("pulled"), name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(at.path("pulled"), "chunk-4")).size).toBe(written.bytes);
  expect(written.bytes).toBeLessThan(200);
});

test("after a redrive the items that still fail are pulled, with the places that they had", async () => {
  const at = await bench();
  const file = at.write("picky.ts", job("lines()", "item"));
  const input = [at.write("a.txt", NUMBERS.join("\n"))];
  const batch = await at.fanjoin.submit(file, { input, chunk: { items: 4 } });
  await batch.ended();
  await at.fanjoin.close();
  writeFileSync(file, job("lines()", "item").replace("n % 7 === 3", "n % 14 === 3"));
  await using later = await open({ directory: at.path(".fanjoin"), threads: 1 });
  const redriven = await later.batch(batch.id);
  expect(await redriven.redrive()).toBe(true);
  await redriven.ended();
  const failed = await all(redriven.failed());
  expect(failed).toHaveLength(5);
  await writePulled(at.path("pulled"), redriven.pull({ failed: true }));
  const again = await later.submit(file, { pulled: at.path("pulled") });
  await again.ended();
  const places = ({ attempts: _attempts, ...line }: FailedLine): object => line;
  expect((await all(again.failed())).map(places)).toEqual(failed.map(places));
});

test("other code is told apart, also where it is in a file that the job imports", async () => {
  const at = await bench();
  const text = job("range(60)", "twice(item) / 2");
  const file = at.write("picky.ts", `import { twice } from "./twice.ts";\n${text}`);
  const twice = at.write("twice.ts", "export const twice = (n: number) => 2 * n;\n");
  const batch = await at.fanjoin.submit(file, { chunk: { items: 4 } });
  await batch.ended();
  await writePulled(at.path("pulled"), batch.pull({ failed: true }));
  await (await at.fanjoin.submit(file, { pulled: at.path("pulled") })).ended();
  expect(at.notices).toEqual([]);
  writeFileSync(twice, "export const twice = (n: number) => n + n;\n");
  await (await at.fanjoin.submit(file, { pulled: at.path("pulled") })).ended();
  expect(at.notices).toEqual([
    `the code here is not the code that batch ${batch.id} was submitted with: ${file}, or a file that it imports, differs`,
  ]);
});

test("a batch without failed items has nothing to pull, and a directory that is used is refused", async () => {
  const at = await bench();
  const file = at.write("ok.ts", job("range(3)", "item"));
  const batch = await at.fanjoin.submit(file);
  await batch.ended();
  expect(await writePulled(at.path("pulled"), batch.pull({ failed: true }))).toEqual({ chunks: 0, bytes: 0 });
  expect(readdirSync(at.path("."))).not.toContain("pulled");
  const used = writePulled(at.path("."), batch.pull({ chunk: 0 }));
  await expect(used).rejects.toMatchObject({
    code: "USAGE",
    message: /has to be a new or an empty directory/,
  });
});

test("the unreadable rest of a packed input is one failed item again, with its reason and place", async () => {
  const at = await bench();
  const file = at.write("picky.ts", job("csv()", "item.id"));
  const packed = gzipSync(Buffer.from(`id,note\n${NUMBERS.map((n) => `${n},${"x".repeat(n)}\n`).join("")}`));
  const input = [at.write("a.csv.gz", packed.subarray(0, packed.length - 9)), at.write("b.csv", "id\n1\n")];
  const batch = await at.fanjoin.submit(file, { input, chunk: { items: 4 } });
  await batch.ended();
  const failed = await all(batch.failed());
  expect(failed.map(({ code }) => code)).toContain("INPUT_INVALID");
  await writePulled(at.path("pulled"), batch.pull({ failed: true }));
  const again = await at.fanjoin.submit(file, { pulled: at.path("pulled") });
  await again.ended();
  expect(await all(again.failed())).toEqual(failed);
});

test("a source that cannot be read at all is one failed item again, beside those of others", async () => {
  const at = await bench();
  const files = { "a.csv": CSV.slice(CSV.indexOf("id")), "b.csv.gz": "id\n1\n", "c.csv": "id,id\n1,2\n" };
  const one = { input: "csv()", value: "item.id", files, chunk: { items: 40 } };
  const { again, failed } = await reproduce(at, one);
  expect(failed.filter(({ code }) => code === "INPUT_INVALID")).toHaveLength(2);
  expect(failed.length).toBeGreaterThan(2);
  expect(await all(again.failed())).toEqual(failed);
});

test("a reproduction is redriven and interrupted like any batch, and is not pulled itself", async () => {
  const at = await bench();
  const { again, failed } = await reproduce(at, CASES["JSON lines, cut at any byte"] as Case);
  const pulling = writePulled(at.path("more"), again.pull({ failed: true }));
  await expect(pulling).rejects.toMatchObject({ message: /reproduces batch \w+: pull that one/ });
  rmSync(at.path("pulled"), { recursive: true });
  expect(await again.redrive()).toBe(true);
  await again.ended();
  expect(await all(again.failed())).toEqual(failed.map((line) => ({ ...line, attempts: 2 })));
});

test("a batch that succeeded wholly may have lost its plan, and a chunk of it is refused with a sentence", async () => {
  const at = await bench();
  const file = at.write(
    "fine.ts",
    job("csv()", "1").replace("join: collect()", "join: count()").replace("collect,", "count,"),
  );
  const packed = at.write("a.csv.gz", gzipSync(CSV.slice(CSV.indexOf("id"))));
  const batch = await at.fanjoin.submit(file, { input: [packed], chunk: { items: 4 } });
  await batch.ended();
  // Its next owner drops what no redrive can need.
  await at.fanjoin.close();
  await using later = await open({ directory: at.path(".fanjoin"), threads: 1 });
  await (await later.submit(file, { input: [packed], chunk: { items: 400 } })).ended();
  const pulling = writePulled(at.path("pulled"), (await later.batch(batch.id)).pull({ chunk: 3 }));
  await expect(pulling).rejects.toMatchObject({ code: "RESULT_UNKNOWN", message: /is not kept after that/ });
});
