/** Signing needs no request, so the real SDK signs here. */
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createSignedUrls } from "../../../src/aws/store/signed-urls.ts";

const client = new S3Client({
  region: "eu-west-1",
  credentials: { accessKeyId: "id", secretAccessKey: "secret" },
  requestChecksumCalculation: "WHEN_REQUIRED",
});
const urls = createSignedUrls(client, "own");

test("a URL to read one object holds for a quarter of an hour, and says how a browser saves it", async () => {
  const url = new URL(
    await urls.get({ Bucket: "own", Key: "batches/a/result.json" }, { type: "text/csv", saveAs: "r é.csv" }),
  );
  expect(url.host).toBe("own.s3.eu-west-1.amazonaws.com");
  expect(url.pathname).toBe("/batches/a/result.json");
  const query = Object.fromEntries(url.searchParams);
  expect(query).toMatchObject({
    "X-Amz-Expires": "900",
    "response-content-type": "text/csv",
    "response-content-disposition": 'attachment; filename="r é.csv"',
    "x-id": "GetObject",
  });
});

test("a URL to write one object holds for an hour, and says so", async () => {
  const { url, expiresInMs } = await urls.put("uploads/job/in.csv");
  expect(expiresInMs).toBe(3_600_000);
  const { pathname, searchParams } = new URL(url);
  expect(pathname).toBe("/uploads/job/in.csv");
  expect(Object.fromEntries(searchParams)).toMatchObject({ "X-Amz-Expires": "3600", "x-id": "PutObject" });
});
