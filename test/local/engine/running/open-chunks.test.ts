/** Chunks of items that wait: many of them are open in a thread at once. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bench, numbers } from "../engines.ts";
import { begin, failedLines, until, valueOf } from "../batches-run.ts";

const inOrder = (length: number): string => Array.from({ length }, (_, n) => `${n},`).join("");

/** The code of an item that waits until `file` exists. */
const waitsFor = (file: string): string => `new Promise((resolve) => {
  const look = () => (existsSync(${JSON.stringify(file)}) ? resolve() : setTimeout(look, 5));
  look();
})`;

const withFiles = (text: string): string => `import { appendFileSync, existsSync } from "node:fs";\n${text}`;

test("one item that hangs keeps no chunk from being done, and progress counts the others", async () => {
  const at = bench();
  const gate = at.path("gate");
  const process = `async (n) => { if (n === 5) await ${waitsFor(gate)}; return n; }`;
  const text = withFiles(numbers(200, process, "concurrency: 4"));
  const engine = await begin(at, text, { items: 2 }, 1);
  await until(() => engine.progress("01A").totals.succeeded >= 198);
  expect(engine.progress("01A").totals).toMatchObject({ chunks: 99, succeeded: 198 });
  writeFileSync(gate, "");
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { chunks: 100, succeeded: 200 } });
  expect(valueOf(fields).order).toBe(inOrder(200));
});

test("a cancel reaches every item that is running, in all open chunks, by its signal", async () => {
  const at = bench();
  const notes = at.path("notes.txt");
  const process = `(n, { signal }) => {
    appendFileSync(${JSON.stringify(notes)}, "begins " + n + "\\n");
    return new Promise((_, reject) => signal.addEventListener("abort", () => {
      appendFileSync(${JSON.stringify(notes)}, "aborted " + n + "\\n");
      reject(signal.reason);
    }));
  }`;
  const engine = await begin(at, withFiles(numbers(100, process, "concurrency: 8")), { items: 1 }, 1);
  const noted = (what: string): string[] => {
    const lines = existsSync(notes) ? readFileSync(notes, "utf8").split("\n") : [];
    return lines.filter((line) => line.startsWith(what)).map((line) => line.slice(what.length + 1));
  };
  await until(() => noted("begins").length === 8);
  await engine.cancel("01A");
  expect(await engine.finished("01A")).toMatchObject({ state: "cancelled", totals: { succeeded: 0 } });
  expect(noted("aborted").toSorted()).toEqual(noted("begins").toSorted());
  expect(noted("begins")).toHaveLength(8);
});

test("an item that ends its thread while many chunks are open there fails alone", async () => {
  const at = bench();
  const process = `async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (n === 33) process.exit(3);
    return n;
  }`;
  const engine = await begin(at, numbers(120, process, "concurrency: 16"), { items: 2 }, 2);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 60, broken: 0, succeeded: 119, failed: 1 },
  });
  expect(failedLines(at)).toMatchObject([{ index: 33, code: "ITEM_CRASHED" }]);
  expect(valueOf(fields).order).toBe(inOrder(120).replace(",33,", ","));
}, 60_000);
