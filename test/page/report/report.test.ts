/** The report: one file that needs no script, is bounded, and holds no secret. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Mark } from "../../../src/core/history/history.ts";
import { reportJson } from "../../../src/page/report/report-data.ts";
import type { ReportData } from "../../../src/page/report/report-data.ts";
import { placesText } from "../../../src/page/report/report-failures.ts";
import { MAX_REPORT_BYTES, reportHtml } from "../../../src/page/report/report-html.ts";
import { batchId, endedSnapshot, failedSnapshot } from "../fixture/snapshots.ts";

const NOW = Date.UTC(2026, 10, 29, 11, 33, 35);
const DATA: ReportData = {
  snapshot: endedSnapshot(batchId(1), NOW),
  madeAt: NOW,
  result: '{"rows":10412}',
  command: "fanjoin run a.ts",
  raw: true,
};

/** What a reader sees without a script. */
function textOf(html: string): string {
  return (html.split("<body")[1] ?? "").replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

test("counts, groups and details are plain HTML", () => {
  const text = textOf(reportHtml(DATA));
  for (const part of [
    "10,535 items in 1 min 28 s",
    "10,412 succeeded, 123 failed, 0 skipped, 10,535 items",
    "Every item is accounted for",
    "the service said 503 to",
    "suppliers-q4.csv:32, 45, 58",
    "Made at 29 November 2026, 11:33:35 UTC",
  ])
    expect(text).toContain(part);
});

test("it has no script, no style in its markup, and asks nobody", () => {
  const html = reportHtml(DATA);
  const body = html.split("<body")[1] ?? "";
  expect(html).not.toMatch(/<script/);
  expect(body).not.toMatch(/ style=|\son\w+=|<button|<input|<a /);
  const [, style = ""] = /<style>([^]*)<\/style>/.exec(html) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  expect(html).toContain(`default-src 'none'; style-src 'sha256-${hash}'; img-src data:`);
});

test("names and messages are text", () => {
  const evil = `</style><script>alert(1)</script>"'&`;
  const { snapshot } = DATA;
  const html = reportHtml({
    ...DATA,
    command: evil,
    snapshot: { ...snapshot, summary: { ...snapshot.summary, job: evil } },
  });
  expect(html).not.toContain("<script");
  expect(textOf(html)).toContain("alert(1)");
});

test("without raw text it holds none of an item", () => {
  expect(reportHtml(DATA)).toContain("Svea Verktyg");
  for (const text of [reportHtml({ ...DATA, raw: false }), reportJson({ ...DATA, raw: false })])
    expect(text).not.toContain("Svea Verktyg");
});

test("params that look secret are hidden", () => {
  const { snapshot } = DATA;
  const { details } = snapshot.summary;
  if (!details) throw new Error("no details");
  const params = { apiKey: "k-123", url: "https://me:pass@host/" };
  const data = {
    ...DATA,
    snapshot: { ...snapshot, summary: { ...snapshot.summary, details: { ...details, params } } },
  };
  for (const text of [reportHtml(data), reportJson(data)]) expect(text).not.toMatch(/k-123|me:pass/);
});

test("of the largest batch it stays within its limit", () => {
  const { snapshot } = DATA;
  const { history, failures } = snapshot;
  if (!history) throw new Error("no history");
  const long = "m".repeat(500);
  const marks = Array.from({ length: 2000 }, (_, at): Mark => [
    at % 64,
    at * 100,
    at * 100 + 87.5,
    "failed",
    at,
    9,
    1,
    2,
    3,
  ]);
  const [group] = failures.groups;
  if (!group) throw new Error("no group");
  const groups = Array.from({ length: 50 }, () => ({
    ...group,
    message: long,
    items: group.items.map((item) => ({
      ...item,
      item: "x".repeat(400),
      error: { name: "E", message: long },
    })),
  }));
  const lanes = Array.from({ length: 64 }, (_, at) => `thread ${at + 1}`);
  const html = reportHtml({
    ...DATA,
    snapshot: {
      ...snapshot,
      failures: { ...failures, groups },
      history: { ...history, now: 200_000, timeline: { form: "exact", lanes, marks } },
    },
  });
  expect(Buffer.byteLength(html)).toBeLessThan(MAX_REPORT_BYTES);
});

test("report.json has the same as data", () => {
  const json = JSON.parse(reportJson(DATA)) as {
    readonly format: number;
    readonly summary: { readonly batch: string };
    readonly madeAt: string;
  };
  expect([json.format, json.summary.batch, json.madeAt]).toEqual([1, batchId(1), "2026-11-29T11:33:35.000Z"]);
});

test("what is not known is not zero", () => {
  expect(textOf(reportHtml({ ...DATA, snapshot: failedSnapshot(batchId(1), NOW) }))).toContain(
    "not known skipped",
  );
});

test("a source is named once for several places", () => {
  const place = { source: "a/b.csv", index: 1, line: 2, offset: 3, attempts: 1 };
  expect(placesText([place, { ...place, line: 9 }, { ...place, source: "c.csv", line: 4 }])).toBe(
    "b.csv:2, 9, c.csv:4",
  );
});
