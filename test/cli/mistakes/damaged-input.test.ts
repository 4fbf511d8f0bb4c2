/** Damaged files: each of them is accounted for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AWFUL, writeAwful } from "../../awful.ts";
import type { Awful } from "../../awful/awful.ts";
import { TELLING_PEAK, peakOf } from "../../memory-use/telling-peak.ts";
import { READERS, failedOf, jobs } from "./reading-jobs.ts";

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

export const refused = AWFUL.filter((file) => !isRead(file));

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
