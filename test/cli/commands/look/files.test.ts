import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

/** A job that collects the paths and the lengths of its files. */
function lengths(input: string, length: string): string {
  return `
    import { collect, defineJob, files } from "fanjoin";
    export default defineJob({ name: "lengths", input: ${input}, retries: 0, join: collect(),
      process: async (file) => file.path + ":" + (${length}) });
  `;
}

function folder(): Workspace {
  const at = workspace();
  at.write("texts.ts", lengths('files({ as: "text" })', "file.text.length"));
  at.write("lazy.ts", lengths("files()", "(await file.text()).length"));
  at.write("docs/b.txt", "four");
  at.write("docs/a/ä.txt", "ü");
  at.write("docs/a.txt", "");
  at.write("docs/.hidden/x.txt", "hidden");
  at.write("docs/node_modules/x.txt", "installed");
  return at;
}

const outputs = (at: Workspace): unknown[] =>
  at
    .read("out.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

test.for(["texts.ts", "lazy.ts"])(
  "the files of a folder and its subfolders are items, in path order (%s)",
  async (job) => {
    const at = folder();
    symlinkSync("..", join(at.path, "docs/round"));
    const { summary, code } = await at.json("run", job, "docs", "--output", "out.jsonl");
    expect(code).toBe(0);
    expect(outputs(at)).toEqual(["docs/a.txt:0", "docs/a/ä.txt:1", "docs/b.txt:4"]);
    expect(summary.items.total).toBe(3);
  },
);

test("files, globs and chunk sizes in files", async () => {
  const at = folder();
  const { summary } = await at.json(
    "run",
    "texts.ts",
    "docs/b.txt",
    "docs/**/*.txt",
    "--chunk-items",
    "2",
    "--output",
    "out.jsonl",
  );
  const [first, ...rest] = outputs(at);
  expect(first).toBe("docs/b.txt:4");
  expect(rest).toContain("docs/a/ä.txt:1");
  expect(summary.chunks.total).toBe(Math.ceil(outputs(at).length / 2));
});

test("a file that is deleted during the batch is one failed item with its own path", async () => {
  const at = folder();
  at.write(
    "removing.ts",
    `
    import { rmSync } from "node:fs";
    import { collect, defineJob, files } from "fanjoin";
    export default defineJob({ name: "removing", input: files({ as: "text" }), join: collect(),
      process(file, { position }) { if (file.name === "1") rmSync("in/2"); return position.source; } });
  `,
  );
  for (const name of ["1", "2", "3"]) at.write(`in/${name}`, name);
  const { summary, code } = await at.json(
    "run",
    "removing.ts",
    "in",
    "--chunk-items",
    "3",
    "--output",
    "out.jsonl",
  );
  expect(outputs(at)).toEqual([join("in", "1"), join("in", "3")]);
  const failed: unknown = JSON.parse(at.read(`.fanjoin/batches/${summary.batch}/failed.jsonl`));
  expect(failed).toMatchObject({
    source: join("in", "2"),
    index: 1,
    line: null,
    offset: 0,
    code: "ITEM_UNREADABLE",
    item: join("in", "2"),
  });
  expect(code).toBe(1);
});

test("a folder without files is refused, and so is a missing folder", async () => {
  const at = folder();
  rmSync(join(at.path, "docs"), { recursive: true });
  at.write("docs/.hidden", "");
  const empty = await at.run("run", "texts.ts", "docs");
  expect(empty.stderr).toContain(
    "there are no files in the directory docs (left out: 1 hidden name) [INPUT_NOT_FOUND]",
  );
  const missing = await at.run("run", "texts.ts", "nowhere");
  expect(missing.stderr).toContain("there is no file nowhere [INPUT_NOT_FOUND]");
  expect([empty.code, missing.code]).toEqual([2, 2]);
});
