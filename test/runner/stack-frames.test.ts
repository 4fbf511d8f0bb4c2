import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { userFrames } from "../../src/runner/stack-frames.ts";

const cwd = process.cwd();
const url = (path: string): string => pathToFileURL(join(cwd, path)).href;

const stack = (...frames: string[]): string =>
  ["Error: no", ...frames.map((at) => `    at ${at}`)].join("\n");

test("the frames in the job's own files, relative to the working directory, with the names of functions", () => {
  const text = stack(
    `JSON.parse (<anonymous>)`,
    `priceOf (${url("jobs/my prices.ts")}:12:5)`,
    `async Promise.all (index 0)`,
    `pg (${url("node_modules/pg/client.js")}:1:2)`,
    `async ${url("job.ts")}:3:4`,
    `new Price (${join(cwd, "lib.cjs")}:5:6)`,
    `Object.process (${url("job.ts")}?again=1:7:8)`,
    `/outside.cjs:9:1`,
    `firstAttempt (${url("src/runner/item/attempt-item.ts")}:62:31)`,
    `node:internal/process/task_queues:104:5`,
  );
  expect(userFrames(text, "no")).toEqual([
    "priceOf (jobs/my prices.ts:12:5)",
    "job.ts:3:4",
    "new Price (lib.cjs:5:6)",
    "Object.process (job.ts:7:8)",
    expect.stringMatching(/^(\.\.\/)+outside\.cjs:9:1$/),
  ]);
});

test("the frames in packages, if there are no others", () => {
  const text = stack(`connect (${url("node_modules/pg/client.js")}:1:2)`, "node:net:3:4");
  expect(userFrames(text, "no")).toEqual(["connect (node_modules/pg/client.js:1:2)"]);
});

test("fanjoin's own frames are left out, whether a stack has URLs or paths", () => {
  for (const place of [url, (path: string): string => join(cwd, path)]) {
    const own = ["src/runner/item/attempt-item.ts", "bin/thread.js"].map((path) => `f (${place(path)}:1:2)`);
    expect(userFrames(stack(...own, `g (${place("job.ts")}:3:4)`), "no")).toEqual(["g (job.ts:3:4)"]);
    expect(userFrames(stack(...own), "no")).toEqual([]);
  }
});

test("lines of a message that look like frames are none", () => {
  const message = "broken:\n    at fake (/fake.ts:1:1)";
  expect(userFrames(`Error: ${message}\n    at ${url("job.ts")}:1:2`, message)).toEqual(["job.ts:1:2"]);
});

test("a long frame is cut at its beginning, and a hostile line takes no time", () => {
  const long = "x".repeat(500);
  const [frame = ""] = userFrames(stack(`${long} (${url("job.ts")}:1:2)`), "no");
  expect(frame).toHaveLength(301);
  expect(frame).toMatch(/^…x+ \(job\.ts:1:2\)$/);
  expect(userFrames(`\n    at ${"a (/".repeat(100_000)}`, "no")).toEqual([]);
});

test.for([
  undefined,
  null,
  7,
  "",
  "no frames",
  "\n    at ",
  stack("x (file://%%%/a.ts:1:1)"),
  "x".repeat(1_000_000),
])("a stack without frames is none: %#", (text) => {
  expect(userFrames(text, "no")).toEqual([]);
});
