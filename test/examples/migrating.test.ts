/**
 * The jobs of docs/migrating, run as the pages say, beside the programs whose place they take. A program is
 * run where Python and its packages are installed.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { handler } from "../../examples/migrating/distributed-map/invoice.ts";
import { ROOT, workspace } from "../cli/command.ts";
import type { Workspace } from "../cli/command.ts";

const FOLDER = join(ROOT, "examples/migrating");
const PAGES = join(ROOT, "docs/migrating");

/** A copy of an example, in which fanjoin and zod are installed. */
function copy(example: string): Workspace {
  const at = workspace();
  cpSync(join(FOLDER, example), at.path, { recursive: true });
  mkdirSync(join(at.path, "node_modules"));
  symlinkSync(ROOT, join(at.path, "node_modules/fanjoin"), "junction");
  symlinkSync(join(ROOT, "node_modules/zod"), join(at.path, "node_modules/zod"), "junction");
  at.write("package.json", JSON.stringify({ name: "shop", private: true, type: "module" }));
  // The real npx takes a second each time; test/recipes.test.ts uses it.
  at.write(
    "bin/npx",
    `#!/bin/sh\nshift\nexec "${process.execPath}" node_modules/fanjoin/bin/fanjoin.js "$@"\n`,
  );
  chmodSync(join(at.path, "bin/npx"), 0o755);
  return at;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a line of a shell. */
function shell(at: Workspace, line: string, env: NodeJS.ProcessEnv = {}): Ran {
  const { FORCE_COLOR: _force, ...rest } = process.env;
  const path = `${join(at.path, "bin")}:${rest["PATH"]}`;
  const { status, stdout } = spawnSync("sh", ["-c", line], {
    cwd: at.path,
    env: { ...rest, PATH: path, PYTHONDONTWRITEBYTECODE: "1", ...env },
    encoding: "utf8",
  });
  return { code: status, stdout };
}

interface Migration {
  readonly example: string;
  /** Runs the job, or the pipeline of jobs. */
  readonly after: string;
  /** The file that `after` writes. */
  readonly output: string;
  /** Runs the program, and prints what `after` writes. */
  readonly before: string;
  /** The module that the program needs. */
  readonly needs: string;
  readonly env?: NodeJS.ProcessEnv;
}

const MIGRATIONS: readonly Migration[] = [
  {
    example: "pool-map",
    after: "npx fanjoin run count-requests.ts 'logs/*.log' --output totals.json",
    output: "totals.json",
    before: "python3 count_requests.py logs/*.log",
    needs: "multiprocessing",
  },
  {
    example: "celery-chord",
    after: "npx fanjoin run freight.ts orders.csv --output freight.json",
    output: "freight.json",
    before: "python3 freight.py orders.csv",
    needs: "celery",
    // In the process of the caller, without a broker.
    env: { EAGER: "1" },
  },
  {
    example: "luigi",
    after: "sh pipeline.sh 2026-11-27 2026-11-28",
    output: "report.json",
    before:
      "python3 pipeline.py Report --days 2026-11-27,2026-11-28 --local-scheduler >&2 && cat report.json",
    needs: "luigi",
  },
  {
    example: "dask-bag",
    after: "npx fanjoin run word-count.ts 'books/*.txt' --output top.json",
    output: "top.json",
    before: "python3 word_count.py 'books/*.txt'",
    needs: "dask.bag",
  },
];

function pageOf(example: string): string {
  return readFileSync(join(PAGES, `${example}.md`), "utf8");
}

/** The last line of JSON in the blocks of a page that show a terminal: what the program printed. */
function printed(example: string): unknown {
  const [line = ""] = pageOf(example).match(/^[[{].*[\]}]$(?=\n```)/m) ?? [];
  return JSON.parse(line);
}

test.for(MIGRATIONS)("$example: the job gives what the page shows", { timeout: 120_000 }, (migration) => {
  const { example, after, output } = migration;
  expect(pageOf(example)).toContain(`\`\`\`sh\n${after}\n`);
  const at = copy(example);
  expect(shell(at, after).code).toBe(0);
  expect(JSON.parse(at.read(output))).toEqual(printed(example));
});

function installed(module: string): boolean {
  return spawnSync("python3", ["-c", `import ${module}`]).status === 0;
}

for (const { example, before, needs, env } of MIGRATIONS) {
  test.skipIf(!installed(needs))(
    `${example}: the program prints the same (needs Python with ${needs})`,
    () => {
      const { code, stdout } = shell(copy(example), before, env);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual(printed(example));
    },
  );
}

test("pool-map: a line that is no request is one failed item, and the others count", () => {
  const at = copy("pool-map");
  at.write("logs/2026-11-29.log", 'rubbish\n10.0.0.1 "GET /" 404 1\n');
  const [{ after }] = MIGRATIONS as [Migration];
  expect(shell(at, after).code).toBe(1);
  expect(JSON.parse(at.read("totals.json"))).toMatchObject({ "404": { requests: 2, bytes: 210 } });
});

test("luigi: a row that is no order stops the pipeline, until it is mended", { timeout: 120_000 }, () => {
  const at = copy("luigi");
  const day = at.read("raw/2026-11-28.csv");
  at.write("raw/2026-11-28.csv", `${day}6,DE,\n`);
  const pipeline = "sh pipeline.sh 2026-11-28";
  for (let start = 0; start < 2; start++) expect(shell(at, pipeline).code).toBe(1);
  expect(readdirSync(at.path)).not.toContain("clean-2026-11-28.jsonl");
  at.write("raw/2026-11-28.csv", day);
  // The steps behind it are not run: their outputs are there.
  at.write("totals-2026-11-28.json", "{}");
  at.write("report.json", "{}");
  expect(shell(at, pipeline).code).toBe(0);
  expect(at.read("clean-2026-11-28.jsonl")).toBe(
    '{"country":"JP","cents":9900}\n{"country":"PE","cents":125}\n',
  );
  expect(at.read("report.json")).toBe("{}");
});

test("distributed-map: the job makes the invoices of the Lambda function", async () => {
  const at = copy("distributed-map");
  const [, after = ""] = /^```sh\n(npx fanjoin run .*)\n/m.exec(pageOf("distributed-map")) ?? [];
  expect(shell(at, after).code).toBe(0);
  const [, ...rows] = at.read("orders.csv").trimEnd().split("\n");
  const orders = rows.map((row) => row.split(",")).map(([id = "", net = ""]) => ({ id, net }));
  const invoices = await handler({ Items: orders.map((order) => ({ order, vatPercent: 25 })) });
  const lines = invoices.map((invoice) => `${JSON.stringify(invoice)}\n`).join("");
  expect(at.read("invoices.jsonl")).toBe(lines);
  expect(pageOf("distributed-map")).toContain(`\`\`\`console\n${lines}\`\`\`\n`);
});

/** The names of all fields in a part of a state machine. */
function fieldsOf(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => [name, ...fieldsOf(value)]);
}

/** Names of states and of parameters, and those that say only how states follow each other. */
const NO_FIELD =
  /^(\d+|.*\.\$|order|vatPercent|Invoices?|Bucket|Prefix|FunctionName|Parameters|Resource|OutputPath|StartAt|States|Type|End|Mode|ExecutionType)$/;

test("distributed-map: every field of the state machine is in the table", () => {
  const machine: unknown = JSON.parse(
    readFileSync(join(FOLDER, "distributed-map/state-machine.json"), "utf8"),
  );
  const fields = new Set(fieldsOf(machine).filter((name) => !NO_FIELD.test(name)));
  const [, table = ""] = pageOf("distributed-map").split("\n## Fields\n");
  expect(fields).toContain("ToleratedFailurePercentage");
  expect([...fields].filter((name) => !table.includes(name))).toEqual([]);
});

test.for(readdirSync(FOLDER))("docs/migrating shows the files of %s as they are", (example) => {
  const page = pageOf(example);
  const files = readdirSync(join(FOLDER, example), { withFileTypes: true });
  const shown = files.filter((file) => file.isFile() && !/\.(csv|txt)$/.test(file.name));
  expect(shown.length).toBeGreaterThan(1);
  for (const { name } of shown)
    expect(page).toContain(readFileSync(join(FOLDER, example, name), "utf8").trimEnd());
});
