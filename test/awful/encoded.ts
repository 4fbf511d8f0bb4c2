/** Text in UTF-16, with a byte order mark. */
import type { Awful } from "./awful.ts";

const little = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");
const big = (text: string): Buffer => little(text).swap16();
const CSV = "a,b\nM\u00fcller,\u{1F426}\n3,4\n";
const HALF = Buffer.from([0x33]);

export const encodedFiles: Awful[] = [
  { name: "utf-16le.csv", reader: "csv", content: little(CSV), items: 2, failed: 0 },
  { name: "utf-16be.csv", reader: "csv", content: big(CSV), items: 2, failed: 0 },
  { name: "mark-only.csv", reader: "csv", content: little(""), items: 0, failed: 0 },
  {
    name: "utf-16-odd.csv",
    reader: "csv",
    content: Buffer.concat([little(CSV), HALF]),
    items: 2,
    failed: 1,
  },
  { name: "utf-16-lone.csv", reader: "csv", content: little("a,b\n\uD83D,2\n3,4\n"), items: 1, failed: 1 },
  {
    name: "utf-16-lone-header.csv",
    reader: "csv",
    content: little("a,\uD83D\n1,2\n"),
    refused: /not valid UTF-8/,
  },
  {
    name: "utf-32.csv",
    reader: "csv",
    content: Buffer.concat([Buffer.from("fffe0000", "hex"), Buffer.from("a\0\0\0,\0\0\0b\0\0\0")]),
    refused: /is UTF-32 text/,
  },
  { name: "utf-16be.jsonl", reader: "jsonl", content: big('{"a":1}\n"\u00fc"\n'), items: 2, failed: 0 },
  {
    name: "utf-16-odd.txt",
    reader: "lines",
    content: Buffer.concat([big("a\nb\n"), HALF]),
    items: 2,
    failed: 1,
  },
  { name: "utf-16le.json", reader: "json", content: little('[1,"\u00fc"]'), items: 2, failed: 0 },
  { name: "utf-16-lone.json", reader: "json", content: little('["\uD83D",1]'), items: 1, failed: 1 },
];
