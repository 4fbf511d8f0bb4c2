import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { repeatCommand } from "../../../src/page/report/repeat-command.ts";
import type { BatchDetails } from "../../../src/batch/summary/details.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { DETAILS, batchId, view } from "../fixture/snapshots.ts";

function summary(details: Partial<BatchDetails>, more: Partial<BatchSummary> = {}): BatchSummary {
  const params = null;
  return view({
    batch: batchId(1),
    state: "succeeded",
    details: { ...DETAILS, params, ...details },
    ...more,
  });
}

function input(...names: readonly string[]): BatchDetails["input"] {
  const sources = names.map((name) => ({ name, size: 1 }));
  return { ...DETAILS.input, sources, count: names.length };
}

/** The words that a shell makes of a command. */
function wordsOf(command: string | null): string[] {
  const script = `set -- ${command ?? ""}; for one; do printf '%s\\0' "$one"; done`;
  const environment = { ...process.env, HOME: "/home/reader" };
  const text = execFileSync("sh", ["-c", script], { encoding: "utf8", env: environment });
  return text.split("\0").slice(0, -1);
}

test("it names the job, the inputs and the params, as a shell reads them", () => {
  const params = { note: 'it\'s $HOME `id` "x"\n', country: "SE" };
  const command = repeatCommand(
    summary(
      { input: input("a b.csv", "~/c d.csv"), params, chunk: { items: 9, bytes: 70 } },
      { maxItems: 5 },
    ),
    "",
  );
  expect(wordsOf(command)).toEqual([
    "fanjoin",
    "run",
    "examples/supplier-check.ts",
    "a b.csv",
    "/home/reader/c d.csv",
    "--params",
    JSON.stringify(params),
    "--max-items",
    "5",
    "--chunk-items",
    "9",
    "--chunk-bytes",
    "70",
  ]);
});

test("a job with its own input needs no other; on a stack it is submitted there", () => {
  const own = { ...input("range"), reader: "range" };
  expect(repeatCommand(summary({ input: own }), "")).toBe("fanjoin run examples/supplier-check.ts");
  const objects = input("s3://orders/a.csv", "s3://orders/b.csv");
  const aws = summary({ where: "aws", jobFile: null, input: objects });
  expect(repeatCommand(aws, " --stack prod")).toBe(
    "fanjoin submit supplier-check s3://orders/a.csv s3://orders/b.csv --stack prod",
  );
});

test("secrets are not in it", () => {
  const params = { apiKey: "k-123", url: "https://me:pass@host/", deep: [{ password: "p-1" }] };
  const command = repeatCommand(summary({ params }), "");
  expect(command).not.toMatch(/k-123|me:pass|p-1/);
  expect(command).toContain('"apiKey":"hidden"');
});

test.each([
  ["items of the request", summary({ input: input("items") })],
  ["more inputs than the summary names", summary({ input: { ...input("a.csv"), count: 21 } })],
  ["a list that is an object", summary({ input: { ...input(), count: 200_000 } })],
  ["objects of the bucket of dev", summary({ input: input("s3://local/inputs/a.csv") })],
  ["pulled chunks", summary({}, { reproduces: { batch: "01X", chunks: 3 } })],
  ["a summary of an older fanjoin", view({ batch: batchId(1), state: "succeeded" })],
])("no command starts a batch of %s again", (_what, batch) => {
  expect(repeatCommand(batch, "")).toBeNull();
});
