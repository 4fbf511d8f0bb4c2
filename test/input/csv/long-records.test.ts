import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll } from "../reading.ts";
import { valuesOf } from "./reading-csv.ts";

const CHILD = fileURLToPath(new URL("quotes-record.ts", import.meta.url));

test("a record of nothing but quotes takes less than five times its size in memory", async () => {
  // Large, so that what a process takes besides, some 15 MB, makes no difference.
  const bytes = 60_000_000;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--max-old-space-size=128",
    CHILD,
    String(bytes),
  ]);
  const { characters, grownBytes } = JSON.parse(stdout) as { characters: number; grownBytes: number };
  expect(characters).toBe((bytes - 2) / 2);
  expect(grownBytes).toBeLessThan(5 * bytes);
});

test("doubled quotes become single ones in fields of any length", async () => {
  const value = `${'"'.repeat(160_001)}x${'"'.repeat(70_000)},\n"`;
  expect(await valuesOf(`a,b\n"${value.replaceAll('"', '""')}",2\n`)).toEqual([{ a: value, b: "2" }]);
});

test("records that are longer than a piece are read whole", async () => {
  const long = '"'.padEnd(300_000, "x\n") + '"';
  expect(await valuesOf(Buffer.from(`a,b\n1,${long}\n2,3\n`), csv())).toEqual([
    { a: "1", b: long.slice(1, -1) },
    { a: "2", b: "3" },
  ]);
});

test("a quoted newline far before the next one is read whole", async () => {
  const long = `\n${"x".repeat(300_000)}`;
  const bytes = Buffer.from(`a,b\n1,"${long}"\n2,3\n`);
  const chunks = await readAll(csv(), sourceOf("f", bytes), bytesStore({ f: bytes }, 100_000));
  expect(chunks.flatMap((chunk) => chunk.items.map((item) => item.value))).toEqual([
    { a: "1", b: long },
    { a: "2", b: "3" },
  ]);
});
