/** JSON documents that are read as arrays. */
import { gzipSync } from "node:zlib";
import type { Awful } from "./awful.ts";

const deep = (text: string, levels: number): string => "[".repeat(levels) + text + "]".repeat(levels);

export const documents: Awful[] = [
  { name: "empty-array.json", reader: "json", content: " [ \n ] ", items: 0, failed: 0 },
  { name: "byte-order-mark.json", reader: "json", content: "\uFEFF[1,2]", items: 2, failed: 0 },
  { name: "keys-twice.json", reader: "json", content: '[{"a":1,"a":2}]', items: 1, failed: 0 },
  {
    name: "proto.json",
    reader: "json",
    content: '[{"__proto__":{"x":1},"constructor":2}]',
    items: 1,
    failed: 0,
  },
  { name: "surrogates.json", reader: "json", content: String.raw`["\ud83d"]`, items: 1, failed: 0 },
  {
    name: "brackets-in-strings.json",
    reader: "json",
    content: String.raw`["]", "\"],{", 1]`,
    items: 3,
    failed: 0,
  },
  { name: "deep.json", reader: "json", content: `[1,${deep("2", 100_000)},3]`, items: 3, failed: 0 },
  {
    name: "deep-and-broken.json",
    reader: "json",
    content: `[1,${deep("x", 100_000)},3]`,
    items: 2,
    failed: 1,
  },
  // Elements that are not JSON, or are missing.
  { name: "broken-in-the-middle.json", reader: "json", content: '[1,{"a":},nul,3]', items: 2, failed: 2 },
  { name: "commas.json", reader: "json", content: "[1,,2,]", items: 2, failed: 2 },
  {
    name: "not-utf-8.json",
    reader: "json",
    content: Buffer.from('["\xfc",1]', "latin1"),
    items: 1,
    failed: 1,
  },
  { name: "newline-in-a-string.json", reader: "json", content: '["a\nb",1]', items: 1, failed: 1 },
  {
    name: "cut-off.json",
    reader: "json",
    content: '[{"a":1},{"a":2},{"a',
    items: 2,
    failed: 1,
    damage: /the document ends too soon/,
  },
  {
    name: "cut-off.json.gz",
    reader: "json",
    content: gzipSync('[{"a":1},{"a":2},{"a":3}]').subarray(0, -4),
    refused: /gzip data end too soon.* is left out/,
  },
  { name: "control-character.json", reader: "json", content: "[\u000112345678,2]", items: 1, failed: 1 },
  { name: "byte-order-mark-behind-it.json", reader: "json", content: "[\uFEFF1,2]", items: 1, failed: 1 },
  {
    name: "brace-for-bracket.json",
    reader: "json",
    content: "[1,2}",
    items: 1,
    failed: 1,
    damage: /the array does not end/,
  },
  { name: "wrong-bracket.json", reader: "json", content: "[1,[2},3]", items: 2, failed: 1 },
  {
    name: "garbage-after-it.json",
    reader: "json",
    content: "[1,2] and more",
    items: 2,
    failed: 1,
    damage: /after the array the document has more text after its end, at byte 6/,
  },
  {
    name: "second-document.json",
    reader: "json",
    content: "[1,2]\n[3]\n",
    items: 2,
    failed: 1,
    damage: /after the array the document has more text/,
  },
  { name: "empty.json", reader: "json", content: "", refused: /the document is empty/ },
  {
    name: "an-object.json",
    reader: "json",
    content: '{"rows":[1]}',
    refused: /an object, not an array.*path/,
  },
  { name: "a-value.json", reader: "json", content: "5", refused: /a single value, not an array/ },
  { name: "lines.json", reader: "json", content: '{"a":1}\n{"a":2}\n', refused: /an object, not an array/ },
  {
    name: "not-json.json",
    reader: "json",
    content: "<html>",
    refused: /the document is not JSON: "<" is not expected at byte 0/,
  },
];
