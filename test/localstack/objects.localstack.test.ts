/** The S3 features that only the API uses: lists of objects, and signed URLs. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { s3Client } from "../../src/aws/store/s3-client.ts";
import { listObjects } from "../../src/aws/store/list-objects.ts";
import { createSignedUrls } from "../../src/aws/store/signed-urls.ts";
import { createBucket } from "./resources.ts";

const client = s3Client();

test("objects are listed in the order of their keys, over several pages, without folders", async () => {
  const bucket = await createBucket(client);
  const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  // LocalStack cannot continue a list after a key that is not ASCII, so the only one comes last.
  const keys = Array.from({ length: 1004 }, (_, n) => `many/${String(n).padStart(4, "0")} +.txt`);
  keys.push("many/ü.txt");
  await put("many/");
  await put("other.txt");
  for (let from = 0; from < keys.length; from += 50) await Promise.all(keys.slice(from, from + 50).map(put));
  const urls = async (prefix: string, after?: string): Promise<readonly string[]> =>
    (await Array.fromAsync(listObjects(client, { bucket, prefix, after }))).map(({ url }) => url);
  expect(await urls("many/")).toEqual(keys.map((key) => `s3://${bucket}/${key}`));
  expect(await urls("many/", keys[1000])).toEqual(keys.slice(1001).map((key) => `s3://${bucket}/${key}`));
  expect(await urls("none/")).toEqual([]);
  expect(await urls("")).toHaveLength(keys.length + 1);
});

test("signed URLs write and read an object without credentials, with any body", async () => {
  const bucket = await createBucket(client);
  const urls = createSignedUrls(client, bucket);
  const { url, expiresInMs } = await urls.put("uploads/sales/a b.csv");
  expect(expiresInMs).toBeGreaterThan(0);
  const stored = await fetch(url, { method: "PUT", body: "id\n1\n" });
  expect(stored.status).toBe(200);
  const read = await fetch(
    await urls.get(
      { Bucket: bucket, Key: "uploads/sales/a b.csv" },
      { type: "application/jsonl", saveAs: "x.jsonl" },
    ),
  );
  expect(read.headers.get("content-type")).toBe("application/jsonl");
  expect(read.headers.get("content-disposition")).toBe('attachment; filename="x.jsonl"');
  expect(await read.text()).toBe("id\n1\n");
  const changed = await fetch(url.replace("uploads", "attempts"), { method: "PUT", body: "x" });
  expect(changed.status).toBe(403);
});
