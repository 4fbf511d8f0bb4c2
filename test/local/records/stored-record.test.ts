/** Records and messages that fanjoin did not write are refused, with their place. */
import { expect, test } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import { writeEntry } from "../../../src/core/records/plan.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { parseQueueName, parseRecord, parseStoredMessage } from "../../../src/local/records/stored-record.ts";

const BATCH: Fields = {
  generation: 0,
  job: "sales",
  input: {
    reader: "csv",
    options: {},
    sources: [{ name: "file:///a.csv", label: "a.csv", size: 3, version: "1" }],
  },
  params: null,
  chunk: { items: null, bytes: null },
  createdAt: 1,
  deadlineAt: 2,
  jobFile: "/job.ts",
};
const ENDED: Fields = {
  ...BATCH,
  endedAt: 3,
  state: "succeeded",
  totals: { ...NO_TOTALS },
  chunks: 0,
  error: null,
  closed: [0],
  result: {
    result: { name: "batches/01A/result-abc.json", bytes: 1, value: 1 },
    outputs: null,
    failed: { name: "batches/01A/failed-abc.jsonl", bytes: 1 },
  },
};

/** `fields` with the part at `path` replaced. */
function changed(fields: Fields, path: readonly string[], value: Json | undefined): Fields {
  const [name = "", ...rest] = path;
  const inner = fields[name] as Fields;
  const part = rest.length === 0 ? value : changed(inner, rest, value);
  return { ...fields, [name]: part as Json };
}

const read = (key: string, fields: unknown): Fields => parseRecord("state.db", key, JSON.stringify(fields));

test("a batch as fanjoin writes it is read as it is", () => {
  for (const fields of [BATCH, ENDED, { ...BATCH, later: { any: "thing" } }])
    expect(read("batch/01A", fields)).toEqual(fields);
});

test.for<[path: string, value: Json | undefined]>([
  ["job", "../x"],
  ["job", undefined],
  ["input.reader", "toString"],
  ["input.sources", { length: 1e9 }],
  ["createdAt", 1e300],
  ["trace", "00-0af7651916cd43dd8448eb211c80319c"],
  ["deadlineAt", "soon"],
  ["jobFile", 5],
  ["error", "no"],
  ["idleMs", "long"],
  ["extend", -1],
  ["endedAt", null],
  ["state", "asleep"],
  ["totals", null],
  ["totals.succeeded", "many"],
  ["result.result.name", "/home/me/.ssh/id_ed25519"],
  ["result.result.name", "../id_ed25519"],
  ["result.result.name", "batches/01B/result-abc.json"],
  ["result.result.name", "batches/01A/../../result-abc.json"],
  ["result.result.name", "batches/01A/failed-abc.jsonl"],
  ["result.failed.name", "batches/01A/result.json"],
  ["result.failed.bytes", -1],
  ["result.outputs", "batches/01A/outputs-abc.jsonl"],
])("a batch whose %s is %j is refused", ([path, value]) => {
  const fields = changed(ENDED, path.split("."), value);
  expect(() => read("batch/01A", fields)).toThrow(
    expect.objectContaining({
      code: "DIRECTORY_UNUSABLE",
      message: expect.stringContaining(
        `state.db is damaged, or this version of fanjoin did not write it: .${path}`,
      ),
    }),
  );
});

test.for([
  "",
  "file:///a.csv",
  "s3://bucket/a.csv",
  "batches/01B/stdin",
  "batches/01B/stdin-1",
  "batches/01A/input-abc.jsonl",
])("a batch may read %j", (name) => {
  const input = { reader: "csv", options: {}, sources: [{ name, label: "a", size: 1, version: "1" }] };
  expect(read("batch/01A", { ...BATCH, input })["input"]).toEqual(input);
});

test("a batch of only the first items of its input is read as it is, and a damaged limit is refused", () => {
  const sources = [{ name: "file:///a.csv", label: "a", size: 1, version: "1" }];
  const input = { reader: "first", of: "csv", maxItems: 5, options: {}, sources };
  expect(read("batch/01A", { ...BATCH, input })["input"]).toEqual(input);
  for (const wrong of [{ of: "first" }, { of: undefined }, { maxItems: 1.5 }, { maxItems: undefined }])
    expect(() => read("batch/01A", { ...BATCH, input: { ...input, ...wrong } })).toThrow(
      /\.input\.(of|maxItems)/,
    );
});

test.for([
  "file://host/a",
  "file:///a%00",
  "file:///a%2Fb",
  "../stdin",
  "batches/01A/result.json",
  "/etc/passwd",
])("a batch may not read %j", (name) => {
  const input = { reader: "csv", options: {}, sources: [{ name, label: "a", size: 1, version: "1" }] };
  expect(() => read("batch/01A", { ...BATCH, input })).toThrow(/\.input\.sources\[0\]\.name of the record/);
});

const ENTRY = writeEntry("01A", { entry: 0, first: 0, ranges: [{ source: 0, start: 0, end: 9 }] });

test("a record of each kind as fanjoin writes it is read as it is", () => {
  const records: [string, Fields][] = [
    [ENTRY.key, ENTRY.set],
    ["plan/01A/00000001", { end: 1, short: true }],
    ["plan/01A/00000002", { end: 2, generation: 1 }],
    ["plan/01A/00000000", { first: 0, ranges: "0:0:9", items: 3 }],
    ["plan/01A/00000000", { first: 0, ranges: "0:0:9*2s", spool: "0:9:0:segments/m5-main\nwhy\nso" }],
    ["plan/01A/00000000", { first: 0, ranges: "0:0:9", spool: "0:0:0:\nits data end too soon" }],
    [
      "node/01A/0/0/00000000",
      { "0": "abcdefg", "2r": "-abcdef", settled: 2, expects: 100, sealed: true, ms: 0.5 },
    ],
    ["partial/01A/abcdefg", { text: "{}" }],
    ["partial/01A/abcdefg", { name: "segments/m5-0-1", offset: 1, length: 2 }],
    ["journal/01A/0/7", { deaths: 1, i0: { code: "ITEM_CRASHED", name: "E", message: "m", attempts: 1 } }],
    ["token/sales/2026/11", { batch: "01A", input: "x" }],
    ["later/kind", { any: ["thing"] }],
  ];
  for (const [key, fields] of records) expect(read(key, fields)).toEqual(fields);
});

test.for<[key: string, fields: unknown]>([
  ["batch/../01A", BATCH],
  ["batch/01A/x", BATCH],
  ["batch/", BATCH],
  ["plan/01A/x", { end: 1 }],
  ["plan/01A/00000000", { end: "1" }],
  ["plan/01A/00000000", { first: 0, ranges: "0:0:9*zzzzzz" }],
  ["plan/01A/00000000", { first: 0, ranges: "0:0" }],
  ["plan/01A/00000000", { first: 0, ranges: "0:0:9", spool: "0:9:0:../secret" }],
  ["plan/01A/00000000", { first: 0, ranges: "0:0:9", spool: "0:9:0:file:///etc/passwd" }],
  ["node/01A/0/0/00000000", { expects: 4e9 }],
  ["node/01A/0/0/00000000", { "0": "../../tag" }],
  ["node/01A/0/0/00000000", { settled: "many" }],
  ["node/01A/0/0/00000000", { from: -1 }],
  ["node/01A/0/0/x", {}],
  ["node/01A/0/-2/00000000", {}],
  ["node/01A/0/-1/00000000", { expects: 801 }],
  ["node/01A/0/-1/00000000", { s1: -4 }],
  ["node/01A/0/-1/00000000", { rr: "../../tag" }],
  ["node/01A/0/-1/00000000", { t1: "../../tag" }],
  ["node/01A/0/-1/00000000", { was: "whatever" }],
  ["partial/01A/abc", {}],
  ["partial/01A/abc", { name: "file:///etc/passwd", offset: 0, length: 9 }],
  ["partial/01A/abc", { name: "segments/../state.db", offset: 0, length: 9 }],
  ["partial/01A/../abc", { text: "{}" }],
  ["journal/01A/0/7", { i0: null }],
  ["token/sales/x", { batch: "../01A", input: "x" }],
  ["later/kind", [1]],
  ["later/kind", null],
])("the record %s with %j is refused", ([key, fields]) => {
  expect(() => read(key, fields)).toThrow(
    expect.objectContaining({
      code: "DIRECTORY_UNUSABLE",
      message: expect.stringContaining(JSON.stringify(key)),
    }),
  );
});

test("a record that is not JSON is refused with its key", () => {
  expect(() => parseRecord("state.db", "batch/01A", '{"job":')).toThrow(
    /the record "batch\/01A" is not JSON \(.+\)\. Nothing was changed\. Restore a copy/,
  );
});

const CHUNK = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  chunk: 0,
  attempt: 1,
  source: 0,
  start: 0,
  end: 9,
};

test("messages are read as they are", () => {
  const messages = [
    { kind: "plan", batch: "01A", entry: 0 },
    CHUNK,
    { ...CHUNK, former: "abcdefg", spool: { name: "segments/m5-main", offset: 0, length: 9, base: 0 } },
    { ...CHUNK, spool: { name: "", offset: 0, length: 0, base: 0, damage: "its data end too soon" } },
    { kind: "merge", node: { batch: "01A", generation: 0, level: 0, index: 0 }, attempt: 1 },
  ];
  for (const message of messages)
    expect(parseStoredMessage("state.db", 1, JSON.stringify(message))).toEqual(message);
  expect(parseQueueName("state.db", 1, "join")).toBe("join");
});

test.for<unknown>([
  null,
  { kind: "format" },
  { ...CHUNK, batch: "../01A" },
  { ...CHUNK, former: "../x" },
  { ...CHUNK, spool: { name: "file:///etc/passwd", offset: 0, length: 9, base: 0 } },
  { kind: "seal", node: { batch: "a/b", generation: 0, level: 0, index: 0 }, attempt: 1 },
])("the message %j is refused", (message) => {
  expect(() => parseStoredMessage("state.db", 7, JSON.stringify(message))).toThrow(
    /of the message 7 is|the message 7 is/,
  );
});

test("a queue that does not exist is refused", () => {
  expect(() => parseQueueName("state.db", 7, "constructor")).toThrow(
    /the queue of the message 7 is "constructor"/,
  );
});
