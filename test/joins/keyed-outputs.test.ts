import papaparse from "papaparse";
import { expect, test } from "vitest";
import { collect } from "../../src/joins/exact/count.ts";
import { keyedOutputs } from "../../src/joins/keyed-outputs.ts";
import { toJoin } from "../../src/joins/object-join.ts";

function rowsOf(options: object, ...values: readonly object[]): string {
  const outputs = keyedOutputs({ by: "key", format: "csv", ...options });
  const rewrite = outputs.rewriter?.() ?? ((text: string) => text);
  const lines = values.map((value) => outputs.textOf(outputs.lineOf(JSON.stringify(value))));
  return outputs.head + lines.map((line) => rewrite(outputs.rewriter ? line.trimEnd() : line)).join("");
}

test("CSV has the columns of the first value of a file", () => {
  const text = rowsOf({}, { key: "a", n: 1, list: [1, 2] }, { n: null, key: "b" });
  expect(text).toBe('key,n,list\r\na,1,"[1,2]"\r\nb,,\r\n');
});

test("a value with another column than the first one of its file is said", () => {
  expect(() => rowsOf({}, { key: "a" }, { key: "a", more: 1 })).toThrow(
    /a value has the property "more", and the first value of its file has "key"/,
  );
});

test("declared columns choose among the properties", () => {
  const text = rowsOf({ columns: ["n", "none"] }, { key: "a", n: 1 }, { key: "a", n: true });
  expect(text).toBe("n,none\r\n1,\r\ntrue,\r\n");
});

test("cells are quoted as another parser of CSV reads them", () => {
  const texts = ['say "no"', "a,b", "two\r\nlines", "two\nlines", " padded ", "", "é\u2028", "=1+1"];
  const text = rowsOf({ columns: ["t", "u"] }, ...texts.map((t) => ({ t, u: "x" })));
  const { data } = papaparse.parse<{ t: string }>(text, {
    header: true,
    newline: "\r\n",
    skipEmptyLines: true,
  });
  expect(data.map(({ t }) => t)).toEqual(texts);
});

test("formulas are escaped on request, and numbers are none", () => {
  const values = [{ t: "=1+1" }, { t: "@x" }, { t: "-1" }, { t: -1 }, { t: "a=b" }];
  const cells = (options: object): string[] =>
    rowsOf({ columns: ["t"], ...options }, ...values)
      .split("\r\n")
      .slice(1, -1);
  expect(cells({})).toEqual(["=1+1", "@x", "-1", "-1", "a=b"]);
  expect(cells({ escapeFormulas: true })).toEqual(["'=1+1", "'@x", "'-1", "-1", "a=b"]);
});

test.for([
  [{ by: "" }, /takes the name of a property or a function as by/],
  [{ by: "a", format: "xml" }, /takes "jsonl" or "csv" as format/],
  [{ by: "a", columns: ["x"] }, /columns with format: "csv" only/],
  [{ by: "a", format: "csv", columns: ["x", "x"] }, /different names as columns/],
  [{ by: "a", gzip: "yes" }, /true or false as gzip/],
  [{ by: "a", sort: true }, /has no option "sort"/],
  [{ gzip: true }, /has gzip only with by/],
] as const)("%j is refused when the job is made", ([options, message]) => {
  expect(() => collect(options as never)).toThrow(message);
});

test("a value without a key is refused, so that its item fails", () => {
  const join = collect<{ readonly country?: string }>({ by: "country" });
  expect(() => join([{}])).toThrow(
    /the key of collect\(\{ by \}\) has to be a string, number or boolean, but is undefined/,
  );
  expect(join([{ country: "a" }, { country: "b" }])).toBe(2);
  const csv = collect<number>({ by: String, format: "csv" });
  expect(() => csv([1])).toThrow(/takes objects, whose properties are cells/);
});

test("beside outputs by key there are no others", () => {
  const joins = { files: collect<{ readonly a: string }>({ by: "a" }), all: collect() };
  expect(() => toJoin(joins, "join")).toThrow(/there can be no other collect/);
});
