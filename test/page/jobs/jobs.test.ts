/** The form: fields from a schema, values to params, lines for a shell. */
import { expect, test } from "vitest";
import { openApiDocument } from "../../../src/api/openapi/openapi.ts";
import { curlOf, operationsOf, quoted } from "../../../src/page/jobs/curl.ts";
import { fieldOfError, paramsOf, presetText, wholeNumber } from "../../../src/page/jobs/form-values.ts";
import { acceptsText, doesText } from "../../../src/page/jobs/reader-words.ts";
import { exampleOf, fieldsOf, ruleText, typeText } from "../../../src/page/jobs/schema-words.ts";
import { PRIMES, SUPPLIER_CHECK } from "../fixture/jobs.ts";

const fields = fieldsOf(SUPPLIER_CHECK.schemas.params) ?? [];

test("each property has a field of its kind, with a hint in words", () => {
  expect(fields.map(({ name, kind, hint }) => [name, kind, hint])).toEqual([
    ["url", "text", "A URL. Required."],
    ["strict", "checkbox", ""],
    ["level", "select", "Low, high."],
    ["tries", "number", "Tries for each supplier. 1 to 9."],
  ]);
  expect(fieldsOf({ type: "array" })).toBeNull();
  expect(fieldsOf({ properties: { a: { type: "array", items: {} } } })?.[0]?.kind).toBe("json");
});

test("what was typed becomes params, and empty fields are left out", () => {
  expect(paramsOf(fields, { url: "https://a", tries: "" })).toEqual({
    params: { url: "https://a", strict: false, level: "low" },
    errors: null,
  });
  expect(paramsOf(fields, { url: "x", tries: "3", strict: "true", level: '"high"' })).toEqual({
    params: { url: "x", strict: true, level: "high", tries: 3 },
    errors: null,
  });
  expect(paramsOf(fields, { tries: "many" }).errors).toEqual({ tries: '"many" is not a number' });
  const [list] = fieldsOf({ properties: { list: {} } }) ?? [];
  expect(list && paramsOf([list], { list: "[1" }).errors).toEqual({
    list: "this is not JSON: text needs quotes",
  });
  expect(fields.map(presetText)).toEqual(["", "false", '"low"', ""]);
});

test("an error of the API stands at the one field that it names", () => {
  expect(fieldOfError("params: url: Invalid URL", ["url", "tries"])).toBe("url");
  expect(fieldOfError("params: curl failed", ["url"])).toBeNull();
  expect(fieldOfError("url and tries do not fit", ["url", "tries"])).toBeNull();
  expect([wholeNumber(""), wholeNumber("50")]).toEqual([null, 50]);
  expect(() => wholeNumber("1.5")).toThrow('"1.5" is not a whole number from 1 on');
});

test("types and rules of a schema are words", () => {
  expect(
    [
      { type: "string", minLength: 1 },
      { type: "integer", minimum: 1 },
      { enum: ["a", 2] },
      { type: ["string", "null"], maxLength: 3 },
      {},
    ].map((schema) => [typeText(schema), ruleText(schema)]),
  ).toEqual([
    ["text", "at least 1 character"],
    ["whole number", "at least 1"],
    ["one of", "a, 2"],
    ["text or null", "at most 3 characters"],
    ["anything", ""],
  ]);
  expect(exampleOf(SUPPLIER_CHECK.schemas.item)).toEqual({ supplier: "…", country: "…", vat: "…" });
});

test("operations come from the document of the API, those that are wanted most first", () => {
  const base = "http://127.0.0.1:4747";
  const operations = operationsOf(openApiDocument(base), "supplier check");
  expect(operations.slice(0, 4).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /jobs/supplier%20check/batches",
    "GET /batches?job=supplier%20check",
    "POST /jobs/supplier%20check/uploads",
    "POST /batches/{batch}/redrive",
  ]);
  const [start, list] = operations;
  if (!start || !list) throw new Error("no operations");
  expect(curlOf(start, { base, place: null, body: { a: "it's" } }).split("\n")).toEqual([
    'curl -H "authorization: Bearer $FANJOIN_TOKEN" \\',
    '    -H "content-type: application/json" \\',
    `    -d '{"a":"it'\\''s"}' \\`,
    `    "${base}/jobs/supplier%20check/batches"`,
  ]);
  expect(
    curlOf(list, {
      base,
      place: { kind: "stack", name: "prod", version: "", changes: true, options: "", every: 2000 },
      body: null,
    }),
  ).toContain("--aws-sigv4");
  expect(quoted("a'b")).toBe(`'a'\\''b'`);
});

test("a job says what it reads and does", () => {
  expect(doesText(SUPPLIER_CHECK)).toBe("reads CSV, joins, keeps outputs");
  expect(doesText(PRIMES)).toBe("brings its own input: a range of numbers, joins");
  expect(acceptsText(SUPPLIER_CHECK)).toBe("CSV, also packed with gzip or zstd");
});
