/** Plain text files that are awful for readers of CSV, JSON lines or lines. */
import type { Awful } from "./awful.ts";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** The same bytes every time, without a newline in the first bytes. */
const garbage = Uint8Array.from({ length: 4096 }, (_, i) =>
  i < 64 ? 128 + i : (i * 7919 + (i >> 3) * 31) % 256,
);

export const csvFiles: Awful[] = [
  // Files without items.
  { name: "empty.csv", reader: "csv", content: "", items: 0, failed: 0 },
  { name: "blank.csv", reader: "csv", content: "\n\r\n\n", items: 0, failed: 0 },
  { name: "header-only.csv", reader: "csv", content: "a,b\n", items: 0, failed: 0 },
  { name: "header-without-newline.csv", reader: "csv", content: "\n\na,b", items: 0, failed: 0 },
  { name: "no-newline-at-end.csv", reader: "csv", content: "a,b\n1,2\n3,4", items: 2, failed: 0 },
  { name: "mixed-line-ends.csv", reader: "csv", content: "a,b\r\n1,2\n3,4\r\n", items: 2, failed: 0 },
  { name: "byte-order-mark.csv", reader: "csv", content: "\uFEFFa,b\n1,\uFEFF\n", items: 1, failed: 0 },
  // Too few fields, too many fields, a surplus delimiter.
  { name: "ragged.csv", reader: "csv", content: "a,b\n1\n1,2\n1,2,3\n1,2,\n", items: 1, failed: 3 },
  {
    name: "stray-quotes.csv",
    reader: "csv",
    content: 'a,b\n5" pipe,2\n"1"x,2\n"1" ,2\n3,4\n',
    items: 2,
    failed: 2,
  },
  // An open quote makes the rest of the file one record.
  {
    name: "open-quote.csv",
    reader: "csv",
    content: `a,b\n1,2\n3,"4\n${"5,6\n".repeat(1000)}`,
    items: 1,
    failed: 1,
  },
  {
    name: "quoted-newlines.csv",
    reader: "csv",
    content: `a,b\n1,"\n${"x".repeat(200_000)}\n"\n3,4\n`,
    items: 2,
    failed: 0,
  },
  { name: "not-utf-8.csv", reader: "csv", content: latin1("a,b\nM\xfcller,2\n3,4\n"), items: 1, failed: 1 },
  { name: "nul.csv", reader: "csv", content: "a,b\n\0,\u001b[31m\n", items: 1, failed: 0 },
  { name: "constructor.csv", reader: "csv", content: "constructor,toString\n1,2\n", items: 1, failed: 0 },
  // Headers that are not usable.
  { name: "twice.csv", reader: "csv", content: "a,a\n1,2\n", refused: /two columns are named "a"/ },
  { name: "nameless.csv", reader: "csv", content: "a,\n1,2\n", refused: /column 2 of 2 has no name/ },
  { name: "proto.csv", reader: "csv", content: "__proto__,b\n1,2\n", refused: /cannot be named __proto__/ },
  { name: "open-header.csv", reader: "csv", content: '"a,b\n1,2\n', refused: /a quote that is never closed/ },
  { name: "returns-only.csv", reader: "csv", content: "a,b\r1,2\r3,4\r", refused: /carriage return/ },
  { name: "garbage.csv", reader: "csv", content: garbage, refused: /not valid UTF-8/ },
];

export const lineFiles: Awful[] = [
  { name: "empty.jsonl", reader: "jsonl", content: "", items: 0, failed: 0 },
  { name: "cut-off.jsonl", reader: "jsonl", content: '{"a":1}\n{"a":2}\n{"a', items: 2, failed: 1 },
  {
    name: "two-on-a-line.jsonl",
    reader: "jsonl",
    content: '{"a":1}{"a":2}\n{"a":3} {"a":4}\n5\n',
    items: 1,
    failed: 2,
  },
  { name: "blank-lines.jsonl", reader: "jsonl", content: "\n1\n\r\n \n2", items: 2, failed: 1 },
  { name: "an-array.jsonl", reader: "jsonl", content: '[\n{"a":1},\n{"a":2}\n]\n', items: 1, failed: 3 },
  {
    name: "not-json.jsonl",
    reader: "jsonl",
    content: "NaN\n'a'\n{a:1}\n# x\nundefined\n",
    items: 0,
    failed: 5,
  },
  {
    name: "proto.jsonl",
    reader: "jsonl",
    content: '{"__proto__":{"x":1},"constructor":2}\n',
    items: 1,
    failed: 0,
  },
  { name: "surrogates.jsonl", reader: "jsonl", content: String.raw`"\ud83d"`, items: 1, failed: 0 },
  { name: "not-utf-8.jsonl", reader: "jsonl", content: latin1('"\xfc"\n1\n'), items: 1, failed: 1 },
  { name: "mark-in-the-middle.jsonl", reader: "jsonl", content: "1\n\uFEFF2\n", items: 1, failed: 1 },
  {
    name: "long-line.jsonl",
    reader: "jsonl",
    content: `"${"x".repeat(1_000_000)}\n1\n`,
    items: 1,
    failed: 1,
  },
  { name: "not-utf-8.txt", reader: "lines", content: latin1("a\n\xfc\n\0\n"), items: 2, failed: 1 },
  { name: "no-newline.txt", reader: "lines", content: "\r\n\n\ra", items: 3, failed: 0 },
];
