/**
 * Control characters, bytes that are not text, byte order marks: one `describe` for each line of the table in
 * `docs/input.md`.
 */
import { describe, expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { MARK, pair, read, rows, saying } from "./policy-reading.ts";

describe("NUL and other control characters", () => {
  test("CSV and lines: data", async () => {
    expect(await rows('\0,\u0001\n"\0",\u001b\n')).toEqual([pair("\0", "\u0001"), pair("\0", "\u001b")]);
    expect(await read(lines(), "\0\n")).toEqual(["\0"]);
  });
  test("JSONL: unreadable, escaped ones are data", async () => {
    expect(await read(jsonl(), String.raw`"${"\0"}"` + '\n"\\u0000"\n')).toEqual([
      saying("is not JSON"),
      "\0",
    ]);
  });
});

describe("bytes that are not UTF-8", () => {
  test.each<[string, Reader, string, string, unknown, unknown]>([
    ["CSV", csv(), "a,b\n1,2\n", "\xfc,2\n3,4\n", pair("1", "2"), pair("3", "4")],
    ["JSONL", jsonl(), "1\n", '"\xfc"\n2\n', 1, 2],
    ["lines", lines(), "1\n", "\xfc\n2\n", "1", "2"],
  ])(
    "%s: the record is unreadable, never changed silently",
    async (_, reader, before, after, first, last) => {
      const text = Buffer.concat([Buffer.from(before), Buffer.from(after, "latin1")]);
      expect(await read(reader, text)).toEqual([first, saying("is not valid UTF-8"), last]);
    },
  );
  test.each(["\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"])(
    "encoded surrogates, overlong forms and code points beyond Unicode are not UTF-8",
    async (bytes) => {
      expect(await read(lines(), Buffer.from(`${bytes}\n`, "latin1"))).toEqual([
        saying("is not valid UTF-8"),
      ]);
    },
  );
  test("CSV: a header is refused", async () => {
    await expect(read(csv(), Buffer.from("\xfc,b\n1,2\n", "latin1"))).rejects.toThrow(
      "it is not valid UTF-8",
    );
  });
  test("JSONL: half a surrogate pair that is escaped is data", async () => {
    expect(await read(jsonl(), String.raw`"\ud83d"` + "\n")).toEqual(["\ud83d"]);
  });
});

describe("a byte order mark", () => {
  test("is skipped at the beginning of a source", async () => {
    expect(await read(csv(), `${MARK}a,b\n1,2\n`)).toEqual([pair("1", "2")]);
    expect(await read(csv({ columns: ["a"] }), `${MARK}1\n`)).toEqual([{ a: "1" }]);
    expect(await read(jsonl(), `${MARK}1\n`)).toEqual([1]);
    expect(await read(lines(), `${MARK}1\n`)).toEqual(["1"]);
  });
  test("CSV and lines: elsewhere it is data", async () => {
    expect(await rows(`${MARK}1,${MARK}\n`)).toEqual([pair(`${MARK}1`, MARK)]);
    expect(await read(csv(), `${MARK}${MARK}a,b\n1,2\n`)).toEqual([{ [`${MARK}a`]: "1", b: "2" }]);
    expect(await read(lines(), `a\n${MARK}b\n`)).toEqual(["a", `${MARK}b`]);
  });
  test("JSONL: elsewhere it is not JSON, in strings it is data", async () => {
    expect(await read(jsonl(), `1\n${MARK}2\n"${MARK}"\n`)).toEqual([1, saying("is not JSON"), MARK]);
  });
});
