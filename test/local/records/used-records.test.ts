/** Whatever record passes the check can be used: nothing that looks at it breaks. */
import { expect, test } from "vitest";
import { summarize } from "../../../src/batch/summary/summary.ts";
import { wholeTable } from "../../../src/cli/display/batch-table.ts";
import { summaryText } from "../../../src/cli/display/summary-text.ts";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import type { Json } from "../../../src/core/json/json.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { parseRecord } from "../../../src/local/records/stored-record.ts";

const TOTALS = { chunks: 1, lost: 0, broken: 0, succeeded: 1, failed: 0, units: 1, ms: 1, damaged: 1 };
const SOURCE = { name: "file:///a.csv", label: "a.csv", size: 3, version: "1" };
const RUNNING: Fields = {
  generation: 0,
  job: "sales",
  input: { reader: "csv", options: { delimiter: ";", columns: ["a"] }, sources: [SOURCE] },
  params: null,
  chunk: { items: null, bytes: 9 },
  concurrency: 1,
  tolerateCount: 0,
  createdAt: 1,
  deadlineAt: 2,
  jobFile: "/job.ts",
  redrive: { codes: ["ITEM_FAILED"], classes: null },
  former: { state: "failed", error: { code: "CANCELLED", message: "no" } },
  error: { code: "CANCELLED", message: "no" },
};
const PLACE = { source: "a.csv", index: 1, line: 2, lines: 3, offset: 4, attempts: 1 };
const FAILURES = {
  groups: [
    {
      code: "ITEM_UNREADABLE",
      class: "UnreadableError",
      message: "no",
      count: 2,
      advice: "it has to change",
      lines: 3,
      toEnd: true,
      at: "a.ts:1:2",
      first: [PLACE, { ...PLACE, range: { start: 1, end: 2 } }],
    },
  ],
  others: 1,
};
const ENDED: Fields = {
  ...RUNNING,
  chunks: 3,
  endedAt: 3,
  state: "succeeded",
  totals: TOTALS,
  closed: [0],
  short: false,
  result: {
    result: { name: "batches/01A/result-abc.json", bytes: 1, value: { a: [1] } },
    outputs: { name: "batches/01A/outputs-abc.jsonl", bytes: 1 },
    failed: { name: "batches/01A/failed-abc.jsonl", bytes: 1, failures: FAILURES },
  },
};
const NODE: Fields = { "0": "abc", settled: 1, expects: 2, sealed: true, root: true, ...TOTALS };
const ENTRY: Fields = { first: 0, ranges: "0:0:9*2" };

const KEYS = { batch: "batch/01A", node: "node/01A/0/0/00000000", entry: "plan/01A/00000000" } as const;

interface Stored {
  readonly batch: Fields;
  readonly node: Fields;
  readonly entry: Fields;
}

/** In place of any part of a record. */
const TEXTS = ["", "x", "__proto__", "0:0:zzzzzzzz", "\u001B[2J"];
const NUMBERS = [-1, 0, 1, 1.5, 1e300];
const OTHERS: readonly (Json | undefined)[] = [
  undefined,
  null,
  true,
  false,
  [],
  [1],
  [null],
  {},
  { length: 5 },
];
const VALUES = [...TEXTS, ...NUMBERS, ...OTHERS];

/** The value with each of its parts replaced by `part`, one at a time. */
function* variants(value: Json, part: Json | undefined): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  const parts = Object.entries(value);
  const isList = Array.isArray(value);
  for (const [name, inner] of parts) {
    const replaceBy = (by: Json | undefined): Json => {
      const changed = parts.map(([other, kept]) => [other, other === name ? by : kept] as const);
      return isList ? changed.map(([, kept]) => kept ?? null) : (Object.fromEntries(changed) as Fields);
    };
    yield replaceBy(part);
    for (const variant of variants(inner, part)) yield replaceBy(variant);
  }
}

function* tampered(): Generator<Stored> {
  const whole = { batch: RUNNING, node: NODE, entry: ENTRY };
  for (const part of VALUES) {
    for (const batch of [RUNNING, ENDED])
      for (const variant of variants(batch, part)) yield { ...whole, batch: variant as Fields };
    for (const node of variants(NODE, part)) yield { ...whole, node: node as Fields };
    for (const entry of variants(ENTRY, part)) yield { ...whole, entry: entry as Fields };
  }
}

/** What `list` and `show` do. */
async function look(stored: Stored): Promise<string> {
  const parse = (name: keyof Stored): [string, Fields] => [
    KEYS[name],
    parseRecord("state.db", KEYS[name], JSON.stringify(stored[name])),
  ];
  const records = new Map([parse("batch"), parse("node"), parse("entry")]);
  const ledger = { read: async (keys: readonly string[]) => keys.map((key) => records.get(key) ?? null) };
  const fields = records.get(KEYS.batch) ?? {};
  const summary = await summarize(ledger, "01A", fields, (batch, file) => `${batch}/${file}`);
  const context = { cwd: "/", paint: (_style: string, text: string) => text, columns: 80 };
  const failures = summary.failures ? { ...summary.failures, partial: false } : null;
  return wholeTable([summary]) + summaryText(summary, failures, context);
}

test("a record with any part replaced is refused, or can be listed and shown", async () => {
  const outcomes = { shown: 0, refused: 0 };
  for (const stored of tampered()) {
    try {
      await look(stored);
      outcomes.shown++;
    } catch (error) {
      const isRefusal = error instanceof FanjoinError && error.code === "DIRECTORY_UNUSABLE";
      if (!isRefusal) throw new Error(JSON.stringify(stored), { cause: error });
      outcomes.refused++;
    }
  }
  expect(outcomes.shown).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(100);
});
