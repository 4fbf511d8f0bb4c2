/** Pulled directories that fanjoin did not write, or somebody has changed. */
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { open } from "../../../src/open/open.ts";
import { writePulled } from "../../../src/open/pulled/write-pulled.ts";
import type { PulledPage } from "../../../src/door/fanjoin.ts";

/** `pulled.json`, to be spoilt. */
interface Described {
  [name: string]: unknown;
  chunks: { [name: string]: unknown }[];
  sources: { [name: string]: unknown }[];
}

const JOB = `
  import { collect, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "rows", input: csv(), retries: 0, join: collect(), process: (row) => row.id });`;

async function* pages(): AsyncGenerator<PulledPage> {
  const text = "7,x\n";
  yield {
    of: { batch: "01B", job: "rows", params: null, reader: "csv", options: {}, concurrency: 1, code: null },
    sources: [{ source: 3, label: "a.csv", size: 1e12, head: Buffer.from("id,n\n").toString("base64") }],
    chunks: [
      {
        chunk: 9,
        source: 3,
        start: 1e9,
        end: 1e9 + text.length,
        spooled: false,
        before: { items: null, lines: null },
        text: { at: 1e9, bytes: text.length },
        async *read() {
          yield Buffer.from(text);
        },
      },
    ],
  };
}

async function pulled() {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-pulled-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const directory = join(root, "pulled");
  await writePulled(directory, pages());
  const job = join(root, "rows.ts");
  writeFileSync(job, JOB);
  const fanjoin = await open({ directory: join(root, ".fanjoin"), threads: 1 });
  onTestFinished(() => fanjoin.close());
  return {
    file: (name: string) => join(directory, name),
    run: () => fanjoin.submit(job, { pulled: directory }),
    change(edit: (value: Described) => void) {
      const path = join(directory, "pulled.json");
      const value = JSON.parse(readFileSync(path, "utf8")) as Described;
      edit(value);
      writeFileSync(path, JSON.stringify(value));
    },
  };
}

test("a chunk far inside of a huge source runs with its own bytes alone", async () => {
  const { run } = await pulled();
  const batch = await run();
  expect((await batch.ended()).items).toMatchObject({ total: 1, succeeded: 1 });
  expect(await Array.fromAsync(batch.outputs())).toEqual(["7"]);
});

test("links and files of another size are refused", async () => {
  const at = await pulled();
  renameSync(at.file("chunk-9"), at.file("elsewhere"));
  symlinkSync(at.file("elsewhere"), at.file("chunk-9"));
  await expect(at.run()).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: /chunk-9 cannot be read, or is a link/,
  });
  rmSync(at.file("chunk-9"));
  writeFileSync(at.file("chunk-9"), "7,x\n8,y\n");
  await expect(at.run()).rejects.toMatchObject({ message: /chunk-9 has 8 bytes in place of 4/ });
  renameSync(at.file("pulled.json"), at.file("real.json"));
  symlinkSync(at.file("real.json"), at.file("pulled.json"));
  await expect(at.run()).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: /pulled\.json cannot be read, or is a link/,
  });
});

/** Changes the first one. */
function change([first]: readonly object[], fields: object): void {
  Object.assign(first ?? {}, fields);
}

test.for([
  [
    "a chunk that is a path",
    (value) => change(value.chunks, { chunk: "../../etc/passwd" }),
    "chunks[0].chunk",
  ],
  ["a range that ends before it begins", (value) => change(value.chunks, { end: 1 }), "chunks[0].end"],
  [
    "a source that is not described",
    (value) => change(value.chunks, { source: 4 }),
    "does not describe source 4",
  ],
  ["a chunk twice", (value) => value.chunks.push(...value.chunks), "has a chunk or a source twice"],
  ["another reader", (value) => (value["reader"] = "constructor"), "reader is"],
  ["a header that is not base64", (value) => change(value.sources, { head: "ä" }), "sources[0].head"],
  ["no format", (value) => delete value["format"], "format is"],
  ["a newer format", (value) => (value["format"] = 4), "was written by a newer fanjoin (format 4)"],
] as [string, (value: Described) => void, string][])("%s is refused", async ([, edit, message]) => {
  const at = await pulled();
  at.change(edit);
  await expect(at.run()).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining(message),
  });
});

test("other inputs and settings beside a pulled directory are refused", async () => {
  const at = await pulled();
  await using fanjoin = await open({ directory: at.file("../other") });
  const options = { pulled: at.file(".") };
  for (const more of [
    { input: ["a.csv"] },
    { params: {} },
    { id: "x" },
    { chunk: { items: 1 } },
    { maxItems: 3 },
  ])
    await expect(fanjoin.submit(at.file("../rows.ts"), { ...options, ...more })).rejects.toMatchObject({
      code: "USAGE",
    });
});
