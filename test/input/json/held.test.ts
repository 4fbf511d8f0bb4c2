import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const THREAD = new URL("./beside-the-array.ts", import.meta.url);
const HEAP_MB = 32;

test.each([
  { what: "a number", before: '{"n":', byte: "1", after: ',"rows":[1]}' },
  { what: "a string", before: '{"n":"', byte: "x", after: '","rows":[1]}' },
  { what: "a key", before: '{"', byte: "x", after: '":1,"rows":[1]}' },
  { what: "a string after the array", before: '{"rows":[1],"n":"', byte: "x", after: '"}' },
  { what: "white space", before: '{"rows":', byte: " ", after: "[1]}" },
])("60 MiB of $what beside the array are not held", async ({ before, byte, after }) => {
  const thread = new Worker(THREAD, {
    workerData: { before, byte, after },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const [lines] = (await once(thread, "message")) as [string];
  expect(lines).toBe("1\n");
  await thread.terminate();
});
