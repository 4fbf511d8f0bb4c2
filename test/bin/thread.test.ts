import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { workspace } from "../cli/command.ts";

/** Prints whether this thread has loaded the TypeScript compiler. */
const JOB = `
  import { defineJob, range } from "fanjoin";
  const compiler = process.moduleLoadList.some((name: string) => name.includes("amaro"));
  export default defineJob({
    name: "looks",
    input: range(1),
    process(_, ctx) { ctx.log.info("compiler: " + compiler); },
  });
`;

test("from the second start on, threads find everything in the compile cache", async () => {
  const own = mkdtempSync(join(tmpdir(), "fanjoin-cache-"));
  onTestFinished(() => rmSync(own, { recursive: true }));
  // The default place of the cache; on Windows it follows TEMP.
  const at = workspace({ TMPDIR: own, TEMP: own, NODE_COMPILE_CACHE: undefined });
  at.write("looks.ts", JOB);
  const starts = ["first", "second"].map((name) => ["run", "looks.ts", "--quiet", "--dir", name]);
  const said = [];
  for (const start of starts) said.push((await at.run(...start)).stderr);
  expect(said).toEqual([
    expect.stringContaining("compiler: true"),
    expect.stringContaining("compiler: false"),
  ]);
});
