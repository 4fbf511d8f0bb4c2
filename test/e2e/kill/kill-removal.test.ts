/** Kills removals at random moments. The next process ends them, and no other batch notices. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { chance } from "../../../src/core/chance.ts";

const seed = Number(process.env["FANJOIN_SEED"] ?? 20_260_103);
const KILLS = 8;
const POLL_MS = 1;

/** Thousands of records, and outputs that are too long for the database. One item fails. */
const JOB = `import { collect, defineJob, range } from "fanjoin";
  export default defineJob({
    name: "wide", input: range(3_000), join: collect(), retries: 0, chunk: { items: 1 },
    process: (n) => { if (n === 7) throw new Error("seven"); return "x".repeat(n % 100 === 0 ? 3_000 : 300); },
  });`;

/** `null` while the directory has no database. */
function keys(at: Workspace, pattern: string): string[] {
  using db = new DatabaseSync(join(at.path, ".fanjoin", "state.db"), { readOnly: true, timeout: 5_000 });
  return db
    .prepare("SELECT key FROM records WHERE key LIKE ?")
    .all(pattern)
    .map(({ key }) => String(key));
}

function filesOf(at: Workspace, batch: string): string[] {
  const folders = ["batches", "segments"].map((name) => join(at.path, ".fanjoin", name, batch));
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
}

test("killed at any moment, a removal is whole after the next command, and the other batches are as they were", async () => {
  const random = chance(seed);
  const at = workspace();
  at.write("wide.ts", JOB);
  const other = (await at.json("run", "wide.ts")).summary;
  const before = { records: keys(at, `%${other.batch}%`), files: filesOf(at, other.batch) };
  let halves = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const { batch } = (await at.json("run", "wide.ts", "--id", "mine")).summary;
    expect(keys(at, `token/%`)).toHaveLength(1);
    const removing = at.start("rm", batch);
    const life = { over: false };
    void removing.ended.then(() => (life.over = true));
    if (random.oneIn(4)) await sleep(random.below(400));
    else while (!life.over && keys(at, "removed/%").length === 0) await sleep(POLL_MS);
    if (random.oneIn(2)) await sleep(random.below(30));
    removing.child.kill("SIGKILL");
    await removing.ended;
    if (keys(at, "removed/%").length > 0) halves++;

    // Whatever is left of it: a batch is there with all that its record names, or it is not there at all.
    const listed = JSON.parse((await at.run("list", "--json")).stdout) as { batch: string }[];
    const isThere = listed.some((one) => one.batch === batch);
    const shown = await at.run("failed", batch);
    expect(`${shown.code} ${shown.stderr}`).toMatch(isThere ? /^0/ : /^2 .*BATCH_UNKNOWN/);
    // The next owner of the directory.
    const removed = await at.run(
      ...(isThere ? ["rm", batch] : ["redrive", other.batch, "--code", "ITEM_FAILED"]),
    );
    expect(removed.code, `seed ${seed}, kill ${kill}: ${removed.stderr}`).toBe(isThere ? 0 : 1);
    expect(keys(at, `%${batch}%`)).toEqual([]);
    expect(keys(at, "token/%")).toEqual([]);
    expect(filesOf(at, batch)).toEqual([]);
  }
  // Else the test has shown nothing: about half of the kills come in between.
  expect(halves).toBeGreaterThan(0);
  const after = (await at.json("show", other.batch)).summary;
  expect(after).toMatchObject({ items: other.items, result: other.result, outputs: other.outputs });
  expect(filesOf(at, other.batch)).toEqual(expect.arrayContaining(before.files));
  expect(keys(at, `%${other.batch}%`)).toEqual(expect.arrayContaining(before.records));
}, 180_000);
