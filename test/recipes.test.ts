/** Runs the recipes of docs/recipes.md as they stand there: those that need nothing but Node and a shell. */
import { readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./cli/command.ts";
import { codeBelow, project } from "./project.ts";

const PAGE = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");

const recipe = (heading: string, language: string): string => codeBelow(PAGE, heading, language);

const CLEAN = `import { collect, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "clean", input: csv(), retries: 0, join: collect(),
    process: ({ id, amount }) => { if (amount === "") throw new TypeError("no amount"); return { id, amount: Number(amount) }; } });`;
const REPORT = `import { defineJob, jsonl } from "fanjoin";
  export default defineJob({ name: "report", input: jsonl(), process: (row) => row, join: (j) => ({ n: j.count(), total: j.sum((row) => row.amount) }) });`;

const ORDERS = `user,country,product,amount,ms
ana,PT,lamp,12.5,120
bo,NO,desk,80,90
ana,PT,desk,75,250
cy,NO,lamp,10,480
bo,NO,lamp,11.5,130
`;
const order = (line: number): unknown => {
  const [user, country, product, amount, ms] = (ORDERS.split("\n")[line] ?? "").split(",");
  return { user, country, product, amount: Number(amount), ms: Number(ms) };
};
const exactly = (count: number) => ({ count, exact: true, error: 0 });
const near = (number: number): unknown => expect.closeTo(number, -1);
/** What the joins of the table come to, in its order. */
const ANSWERS: readonly unknown[] = [
  { PT: { n: 2, total: 87.5 }, NO: { n: 3, total: 101.5 } },
  { '["PT","lamp"]': 1, '["NO","desk"]': 1, '["PT","desk"]': 1, '["NO","lamp"]': 2 },
  [
    { key: "desk", value: 155 },
    { key: "lamp", value: 34 },
  ],
  [order(2), order(3), order(1)],
  { PT: order(3), NO: order(2) },
  exactly(3),
  { PT: exactly(1), NO: exactly(2) },
  { 0.5: near(130), 0.99: near(250) },
  { edges: [0, 100, 200, 500], counts: [1, 2, 2], below: 0, above: 0 },
  { mean: 214, deviation: expect.closeTo(160.72, 2) },
  { slow: 2, any: false, all: true },
  {
    ana: { first: "lamp", last: "desk" },
    bo: { first: "desk", last: "lamp" },
    cy: { first: "lamp", last: "lamp" },
  },
  expect.arrayContaining([expect.objectContaining({ user: expect.any(String) })]),
];

test("the join of each question compiles, and answers it", () => {
  const at = project();
  const [, table = ""] = PAGE.split("| question | join |");
  const rows = (table.split("\n## ")[0] ?? "").matchAll(/^\| .* \| `(.*)` \|$/gm);
  const joins = Array.from(rows, ([, join = ""]) => join);
  expect(joins).toHaveLength(ANSWERS.length);
  // One job for all of them. An object of joins does not stand in another one, so each is in a group.
  const all = joins.map((join, number) => `    q${number}: j.groupBy(() => "all", ${join}),\n`).join("");
  const job = recipe("A question, and its join", "ts");
  at.write("orders.ts", job.replace(/join: .*\n/, `join: (j) => ({\n${all}  }),\n`));
  at.write("orders.csv", ORDERS);
  symlinkSync(join(ROOT, "node_modules/zod"), join(at.path, "node_modules/zod"), "junction");
  const compilerOptions = { typeRoots: [join(ROOT, "node_modules/@types")] };
  at.write(
    "tsconfig.json",
    JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["*.ts"] }),
  );
  expect(at.shell(`node ${join(ROOT, "node_modules/typescript/bin/tsc")}`)).toEqual({ code: 0, said: "" });
  expect(at.shell("npx fanjoin run orders.ts orders.csv --quiet --output all.json").code).toBe(0);
  const found = JSON.parse(at.read("all.json")) as { readonly [name: string]: { readonly all: unknown } };
  for (const [number, answer] of ANSWERS.entries()) expect(found[`q${number}`]?.all).toEqual(answer);
});

test("a cron line continues a night's batch, and only reports one that has ended", () => {
  const at = project();
  at.write("nightly.ts", CLEAN);
  at.write("orders/a.csv", "id,amount\n1,2\n");
  const [, line = ""] = recipe("Every night: cron", "cron").split(" * * *  ");
  const command = line.replaceAll(String.raw`\%`, "%").replace("/srv/shop", at.path);
  for (let start = 0; start < 2; start++) expect(at.shell(command)).toEqual({ code: 0, said: "" });
  expect(at.read("report.json")).toBe('{"id":"1","amount":2}\n');
  expect(readdirSync(join(at.path, ".fanjoin/batches"))).toHaveLength(1);
});

test("the command of the systemd service is fanjoin itself", () => {
  const at = project();
  at.write("nightly.ts", CLEAN);
  at.write("orders/a.csv", "id,amount\n1,\n");
  const [, line = ""] = /^ExecStart=(.*)$/m.exec(recipe("Every night: a systemd timer", "ini")) ?? [];
  expect(at.shell(`exec ${line.replaceAll("%%", "%")}`)).toMatchObject({ code: 1 });
});

test("a pipeline goes on without failed items, says so, and may be repeated", () => {
  const at = project();
  at.write("clean.ts", CLEAN);
  at.write("report.ts", REPORT);
  at.write("raw/d1.csv", "id,amount\n1,2\n2,3\n");
  at.write("raw/d2.csv", "id,amount\n1,2\n2,\n");
  at.write("pipeline.sh", recipe("Several batches, one after the other", "sh"));
  expect(at.shell("sh pipeline.sh d1")).toMatchObject({ code: 0 });
  expect(JSON.parse(at.read("report-d1.json"))).toEqual({ n: 2, total: 5 });
  for (let start = 0; start < 2; start++) expect(at.shell("sh pipeline.sh d2")).toMatchObject({ code: 1 });
  expect(JSON.parse(at.read("report-d2.json"))).toEqual({ n: 1, total: 2 });
  expect(readdirSync(join(at.path, ".fanjoin/batches"))).toHaveLength(4);
});

test("a pipeline stops at a batch that could not be started or has failed, with its exit code", () => {
  const at = project();
  at.write("pipeline.sh", recipe("Several batches, one after the other", "sh"));
  at.write("report.ts", REPORT);
  at.write("raw/d1.csv", "id,amount\n1,2\n");
  expect(at.shell("sh pipeline.sh d1")).toMatchObject({
    code: 2,
    said: expect.stringContaining("clean: exit code 2") as string,
  });
  at.write("clean.ts", CLEAN.replace("retries: 0", 'retries: 0, setup: () => { throw new Error("down"); }'));
  expect(at.shell("sh pipeline.sh d1")).toMatchObject({
    code: 3,
    said: expect.stringContaining("SETUP_FAILED") as string,
  });
  expect(readdirSync(at.path)).not.toContain("report-d1.json");
});

test("files that are written whole are all there, and no part of one", () => {
  const at = project();
  at.write("invoices.ts", recipe("Files that are written whole", "ts"));
  const rows = Array.from({ length: 200 }, (_, n) => `A-${n},${n}\n`).join("");
  at.write("rows.csv", `id,amount\n${rows}../x,1\nA-7,7\n`);
  expect(at.shell("npx fanjoin run invoices.ts rows.csv --chunk-items 10")).toMatchObject({ code: 1 });
  expect(readdirSync(join(at.path, "invoices")).toSorted()).toEqual(
    Array.from({ length: 200 }, (_, n) => `A-${n}.json`).toSorted(),
  );
  expect(at.read("invoices/A-7.json")).toBe('{"id":"A-7","amount":"7"}');
});

/** The part of the package pg that the recipe uses. */
const PG = `import { appendFileSync } from "node:fs";
  const note = (text) => appendFileSync("pools", text + "\\n");
  export class Pool {
    constructor() { note("open"); }
    on() {}
    query(text, [id] = []) { return Promise.resolve({ rows: id === "9" ? [] : [{ id, segment: "s" + id }] }); }
    end() { note("end"); return Promise.resolve(); }
  }`;

test("a pool for each thread is opened once, and ended", () => {
  const at = project();
  at.write("segments.ts", recipe("A database pool for each thread", "ts"));
  at.write(
    "node_modules/pg/package.json",
    JSON.stringify({ name: "pg", type: "module", exports: "./pg.js" }),
  );
  at.write("node_modules/pg/pg.js", PG);
  at.write("ids.csv", `id\n${Array.from({ length: 10 }, (_, n) => `${n}\n`).join("")}`);
  const run = "npx fanjoin run segments.ts ids.csv --concurrency 1 --output segments.jsonl";
  expect(at.shell(run)).toMatchObject({ code: 1, said: expect.stringContaining("no customer 9") as string });
  expect(at.read("segments.jsonl").split("\n")[3]).toBe('{"id":"3","segment":"s3"}');
  expect(at.read("pools")).toBe("open\nend\n");
});

test("the launch configuration runs the job that is open", () => {
  const at = project();
  at.write("clean.ts", CLEAN);
  at.write("sample.csv", "id,amount\n1,2\n");
  const launch = JSON.parse(
    recipe("Debugging a job in VS Code", "json")
      .replaceAll("${workspaceFolder}", at.path)
      .replaceAll("${file}", join(at.path, "clean.ts")),
  ) as { readonly configurations: readonly [{ readonly program: string; readonly args: readonly string[] }] };
  const [{ program, args }] = launch.configurations;
  expect(at.shell('node "$@"', program, ...args)).toMatchObject({ code: 0 });
});
