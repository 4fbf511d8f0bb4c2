import { expect, test } from "vitest";
import { countedCommits } from "../../../src/local/sqlite/commits.ts";

test("a commit that came before the wait counts, and a later one ends it", async () => {
  const commits = countedCommits();
  const seen = commits.count;
  commits.add();
  await commits.after(seen);
  let isOver = false;
  const waiting = commits.after(commits.count).then(() => (isOver = true));
  await Promise.resolve();
  expect(isOver).toBe(false);
  commits.add();
  await waiting;
  expect([isOver, commits.count]).toEqual([true, 2]);
});

test("nobody waits for a database that has failed, and the first reason counts", async () => {
  const commits = countedCommits();
  const waiting = commits.after(0);
  commits.end(new Error("the disk is full"));
  commits.end(new Error("closed"));
  await expect(waiting).rejects.toThrow("the disk is full");
  await expect(commits.after(0)).rejects.toThrow("the disk is full");
  await expect(commits.after(-1)).resolves.toBeUndefined();
});
