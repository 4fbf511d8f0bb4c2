/**
 * Very long records, and sources without any: one `describe` for each line of the table in `docs/input.md`.
 */
import { describe, expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { large, MEGABYTE } from "../large-store.ts";
import { readAll } from "../reading.ts";
import { pair, read, saying } from "./policy-reading.ts";

describe("a record of more than 64 MiB", () => {
  test("one of exactly 64 MiB with its newline is read", async () => {
    const line = Buffer.concat([Buffer.alloc(64 * MEGABYTE.length - 1, "y"), Buffer.from("\nz\n")]);
    const store = bytesStore({ f: line }, 100_000);
    const [chunk] = await readAll(lines(), sourceOf("f", line), store, { bytes: line.length, items: null });
    expect(chunk?.items.map((item) => item.unreadable)).toEqual([null, null]);
    const longer = Buffer.concat([Buffer.from("y"), line]);
    const [more] = await readAll(lines(), sourceOf("f", longer), bytesStore({ f: longer }, 100_000), {
      bytes: longer.length,
      items: null,
    });
    expect(more?.items.map((item) => item.unreadable === null)).toEqual([false, true]);
  });

  test.each<[string, Reader, string, string, unknown[]]>([
    [
      "CSV",
      csv(),
      "a,b\n1,2\n",
      ",y\n3,4\n",
      [pair("1", "2"), saying("is longer than 64 MiB (is a quote never closed?)"), pair("3", "4")],
    ],
    [
      "CSV in quotes with a newline",
      csv(),
      'a,b\n1,2\n"\n',
      '",y\n3,4\n',
      [pair("1", "2"), saying("is longer than 64 MiB"), pair("3", "4")],
    ],
    [
      "CSV without a last newline",
      csv(),
      "a,b\n1,2\n",
      "",
      [pair("1", "2"), saying("is longer than 64 MiB")],
    ],
    [
      "a quote that is never closed",
      csv(),
      'a,b\n1,2\n"\n',
      "\n,y\n3,4\n",
      [pair("1", "2"), saying("is longer than 64 MiB")],
    ],
    [
      "CSV in quotes",
      csv(),
      'a,b\n1,2\n"',
      '",y\n3,4\n',
      [pair("1", "2"), saying("is longer than 64 MiB"), pair("3", "4")],
    ],
    ["a comment in CSV", csv({ comment: "#" }), "a,b\n1,2\n#", "\n3,4\n", [pair("1", "2"), pair("3", "4")]],
    ["JSONL", jsonl(), '1\n"', '"\n2\n', [1, saying("is longer than 64 MiB: "), 2]],
    ["lines", lines(), "1\n", "\n2\n", ["1", saying("is longer than 64 MiB: "), "2"]],
  ])(
    "%s: is skipped without being held, its neighbours are read",
    async (name, reader, before, after, expected) => {
      const { store, size } = large(before, after);
      const whole = { bytes: Number.MAX_SAFE_INTEGER, items: null };
      const source = { name: "f", label: "f", size, version: "1" };
      const [chunk] = await readAll(reader, source, store, whole);
      expect(chunk?.items.map((item) => item.value ?? item.unreadable?.message)).toEqual(expected);
      const rest = chunk?.items.find(({ unreadable }) => unreadable?.toEnd === true);
      expect(rest?.position.lines).toBe(name === "a quote that is never closed" ? 4 : undefined);
    },
  );
});

describe("a source without items", () => {
  test("is not an error", async () => {
    for (const text of ["", "\n\n", "a,b", "a,b\n"]) expect(await read(csv(), text)).toEqual([]);
    expect([...(await read(jsonl(), "\n\r\n")), ...(await read(lines(), ""))]).toEqual([]);
  });
});
