import { expect, test } from "vitest";
import { jobResourceName, resourceName, siblingQueueUrl } from "../../../src/core/stack/resource-names.ts";

test("a resource is named after its stack, its job and its kind", () => {
  expect(resourceName("fanjoin", "coordinator")).toBe("fanjoin-coordinator");
  expect(jobResourceName("fanjoin", "sales", "worker")).toBe("fanjoin-sales-worker");
});

test("a name that is too long is cut to 64 characters, and still differs from others", () => {
  const long = "a".repeat(63);
  const names = [`${long}b`, `${long}c`].map((job) => jobResourceName("fanjoin", job, "join"));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^fanjoin-a+-[a-z0-9]{8}-join$/);
  expect(names.map(({ length }) => length)).toEqual([64, 64]);
});

test("the URL of a queue differs from its siblings' in the last segment only", () => {
  const url = "http://127.0.0.1:4566/queue/us-east-1/000000000000/fanjoin-coordinator";
  expect(siblingQueueUrl(url, "fanjoin-dead-letter")).toBe(
    "http://127.0.0.1:4566/queue/us-east-1/000000000000/fanjoin-dead-letter",
  );
});

test("a name of 64 characters is not cut", () => {
  const job = "a".repeat(64 - "fanjoin--join".length);
  expect(jobResourceName("fanjoin", job, "join")).toBe(`fanjoin-${job}-join`);
});

test("a cut name never changes: another hash would name resources that are not deployed", () => {
  // 32-bit FNV-1a of the whole name in base 36, worked out by another implementation.
  const end = "-01gv67xj-join";
  const start = `fanjoin-${"a".repeat(63)}`.slice(0, 64 - end.length);
  expect(jobResourceName("fanjoin", `${"a".repeat(63)}b`, "join")).toBe(start + end);
});
