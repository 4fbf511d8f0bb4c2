/** Users' objects on S3, read by a store of this machine: the real SDK against a server on a local port. */
import { expect, onTestFinished, test, vi } from "vitest";
import { createS3Inputs } from "../../../src/local/store/s3-inputs.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import { textOf } from "../../contract/store-texts.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import { s3Server } from "../../memory/s3-server.ts";

async function objects(texts: Readonly<Record<string, string>>): Promise<void> {
  const { objects: stored, env } = await s3Server();
  for (const [name, text] of Object.entries(texts)) stored.set(name, Buffer.from(text));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("a range of an object is read from its bucket, and its size and version are known", async () => {
  await objects({ "data/in/a.csv": "0123456789", "other/in/a.csv": "another bucket" });
  const directory = temporaryDirectory();
  const store = createLocalStore({ directory: directory.path(), segmentName: "1-0" });
  const stat = await store.stat("s3://data/in/a.csv");
  expect(stat).toEqual({ bytes: 10, version: expect.stringMatching(/^".+"$/u) as string });
  expect(await textOf(store, "s3://data/in/a.csv", 3, 6)).toBe("345");
  expect(await textOf(store, "s3://other/in/a.csv")).toBe("another bucket");
  await expect(textOf(store, "s3://data/in/none.csv")).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  const changed = Array.fromAsync(store.read("s3://data/in/a.csv", 0, 10, '"other"'));
  await expect(changed).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  directory.remove();
});

test("the objects below a prefix are listed in the order of their keys", async () => {
  await objects({ "data/in/b": "22", "data/in/a": "1", "data/out/c": "333" });
  expect(await createS3Inputs().list("data", "in/")).toMatchObject([
    { url: "s3://data/in/a", bytes: 1 },
    { url: "s3://data/in/b", bytes: 2 },
  ]);
});
