/** Links below `uploads/` and `inputs/`: they may lead anywhere, also into a circle. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { workspace } from "../cli/command.ts";
import { allEnded, LINES, startDev } from "./dev-process.ts";

test("links are not followed, two links to their own folder neither", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("secret.txt", "secret\n");
  at.write("outside/secret.txt", "secret\n");
  at.write("uploads/shout/plain.txt", "one\n");
  const inputs = join(at.path, ".fanjoin/inputs/shout");
  mkdirSync(inputs, { recursive: true });
  for (const folder of [join(at.path, "uploads/shout"), inputs]) {
    symlinkSync(".", join(folder, "a"));
    symlinkSync(".", join(folder, "b"));
    symlinkSync(join(at.path, "secret.txt"), join(folder, "file.txt"));
    symlinkSync(join(at.path, "outside"), join(folder, "folder"));
  }
  const dev = await startDev(at, "shout.ts");
  for (const object of [
    "s3://local/uploads/shout/file.txt",
    "s3://local/inputs/shout/file.txt",
    "s3://local/inputs/shout/folder/secret.txt",
    "s3://local/inputs/shout/a/b/file.txt",
  ]) {
    const refused = await dev.post("/jobs/shout/batches", { input: { object } });
    expect([object, refused.status]).toEqual([object, 403]);
    expect(await refused.text()).toContain("does not follow links");
  }
  await dev.running.said(/shout\/file\.txt starts no batch: shout\/file\.txt is a link/);
  await dev.running.said(/shout\/folder starts no batch/);
  const all = await dev.post("/jobs/shout/batches", { input: { prefix: "s3://local/" } });
  expect(all.status).toBe(202);
  const { batch } = (await all.json()) as BatchSummary;
  await dev.running.said(/8 links below s3:\/\/local\/ left out/);
  await dev.until(allEnded(2));
  expect(await (await dev.fetch(`/batches/${batch}/outputs`)).text()).toBe('"ONE"\n');
});
