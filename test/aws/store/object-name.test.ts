import { expect, test } from "vitest";
import { locator, newObjectName, prefixLocator, s3Name } from "../../../src/aws/store/object-name.ts";

const locate = locator("own", ["users"]);
const locatePrefix = prefixLocator("own", ["users"]);

test("a name is a user's object by its URL, or one of fanjoin's own", () => {
  expect(locate("s3://users/a b/c.csv")).toEqual({ Bucket: "users", Key: "a b/c.csv" });
  expect(locate("s3://own/uploads/job/x")).toEqual({ Bucket: "own", Key: "uploads/job/x" });
  expect(locate("s3://own/inputs/x\ny")).toEqual({ Bucket: "own", Key: "inputs/x\ny" });
  expect(locate("batches/01A/result.json")).toEqual({ Bucket: "own", Key: "batches/01A/result.json" });
  expect(locate(s3Name("users", "x"))).toEqual({ Bucket: "users", Key: "x" });
});

test("a prefix may be a whole readable bucket, or a folder of inputs of the stack's own", () => {
  expect(locatePrefix("s3://users/")).toEqual({ Bucket: "users", Key: "" });
  expect(locatePrefix("s3://own/inputs/")).toEqual({ Bucket: "own", Key: "inputs/" });
  for (const prefix of ["s3://own/", "s3://own/inputs", "s3://own/batches/", "s3://own/uploads/../batches/"])
    expect(() => locatePrefix(prefix)).toThrow("is not in a folder of inputs");
});

test.for([
  ["s3://own/batches/01A/result.json", "INPUT_FORBIDDEN", "Copy what you need to s3://own/inputs/"],
  ["s3://own/uploads/./x", "INPUT_FORBIDDEN", "is not in a folder of inputs"],
  ["s3://elsewhere/x", "INPUT_FORBIDDEN", "name the bucket in `readableBuckets`"],
  ["s3://elsewhere/inputs/x", "INPUT_FORBIDDEN", "is in a bucket that this stack may not read"],
  ["s3://users/", "INPUT_INVALID", "write s3://bucket/key"],
  ["s3:///x", "INPUT_INVALID", "write s3://bucket/key"],
  ["s3:users/x", "INPUT_INVALID", "write s3://bucket/key"],
  ["file:///x", "INPUT_INVALID", "is a local file, which AWS cannot read: upload it"],
  ["a//b", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
  ["../b", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
  ["a/./b", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
  ["a\\b", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
  ["http://x", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
  ["", "INPUT_INVALID", "neither s3://bucket/key nor a plain relative name"],
] as const)("%s is refused as %s: %s", ([name, code, message]) => {
  expect(() => locate(name)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
  );
});

test("a new name has 16 letters that need no encoding, and another one is another", () => {
  const names = Array.from({ length: 50 }, newObjectName);
  for (const name of names) expect(name).toMatch(/^[\w-]{16}$/);
  expect(new Set(names).size).toBe(50);
});
