/**
 * The everyday questions over CSV files, beside a Python dict, DuckDB and polars: whole commands, from start
 * to exit, with the result as JSON in a file.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DUCKDB_MODULES, missingForDuckDb, missingForPython } from "./available.ts";
import { compete, timed } from "./contestant.ts";
import type { Contestant, Run, Standing } from "./contestant.ts";
import { usersFile } from "./joins-data.ts";
import { canWatchTrees, watchTree } from "./process-tree.ts";
import { figureOf, format, ratio } from "./report.ts";
import type { Bench, BenchOptions, Outcome, Table, Target } from "./report.ts";

const ROWS = 2_000_000;
/** The larger files have so many times the rows. */
const LARGER = 5;
const PARTS = ["groups", "distinct", "amounts"] as const;

type Part = (typeof PARTS)[number];

interface Question {
  readonly name: string;
  readonly part: Part;
  readonly rows: number;
  readonly users: number;
}

const JOBS: { readonly [name in Part]: string } = {
  groups: "by-user",
  distinct: "distinct-users",
  amounts: "large-amounts",
};

function questionsFor(rows: number): Question[] {
  const groups = (users: number, times = 1): Question => {
    const count = Math.min(users, (rows * times) / 2);
    return { name: `${count.toLocaleString("en")} groups`, part: "groups", rows: rows * times, users: count };
  };
  const many = rows * LARGER;
  return [
    groups(200),
    groups(100_000),
    groups(1_000_000),
    groups(5_000_000, LARGER),
    { name: "distinct", part: "distinct", rows: many, users: Math.min(3_000_000, many) },
    { name: "quantiles and top 10", part: "amounts", rows: many, users: Math.min(3_000_000, many) },
  ];
}

function contestantsFor(question: Question, python: string): Contestant[] {
  const { part, rows, users } = question;
  const script = (name: string): string => fileURLToPath(import.meta.resolve(`./contestants/${name}`));
  const command = (
    name: string,
    about: string,
    missing: string | null,
    args: (file: string, result: string) => readonly string[],
  ): Contestant => ({
    name: `${name}, ${question.name}`,
    about,
    missing: canWatchTrees() ? missing : "no /proc here",
    run: () => measured(part, usersFile(rows, users), args),
  });
  const job = fileURLToPath(import.meta.resolve(`./jobs/${JOBS[part]}.ts`));
  const bin = fileURLToPath(new URL("../bin/fanjoin.js", import.meta.url));
  return [
    command("fanjoin", "fanjoin run, two threads, durable", null, (file, result) =>
      [process.execPath, bin, "run", job, file, "--concurrency", "2", "--quiet"].concat([
        "--dir",
        `${result}.state`,
        "--output",
        result,
      ]),
    ),
    command("Python", "a dict or set, one process", missingForPython(python, "csv"), (file, result) => [
      python,
      script("joins.py"),
      "dict",
      part,
      file,
      result,
    ]),
    command("DuckDB", "in Node, two threads", missingForDuckDb(), (file, result) => [
      process.execPath,
      script("duckdb-joins.ts"),
      DUCKDB_MODULES,
      part,
      file,
      result,
    ]),
    command("polars", "its streaming engine", missingForPython(python, "polars"), (file, result) => [
      python,
      script("joins.py"),
      "polars",
      part,
      file,
      result,
    ]),
  ];
}

async function measured(
  part: Part,
  file: string,
  args: (file: string, result: string) => readonly string[],
): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), "fanjoin-bench-"));
  const result = join(directory, "result.json");
  const watch = watchTree();
  try {
    const [command = "", ...rest] = args(file, result);
    const { processMs } = await timed(command, rest, { onStart: watch.start, cwd: directory });
    const figures = { processMs, peakMb: watch.stop() };
    return { figures, answer: answerOf(part, await readFile(result, "utf8")) };
  } finally {
    watch.stop();
    await rm(directory, { recursive: true });
  }
}

interface Group {
  readonly user?: string;
  readonly total: number;
  readonly n: number;
}

/** What has to agree. Estimates are not compared here: tests hold them to their error. */
function answerOf(part: Part, text: string): string | null {
  if (part === "distinct") return null;
  if (part === "amounts") {
    const { top } = JSON.parse(text) as { readonly top: readonly (number | { readonly amount: number })[] };
    return top.map((one) => (typeof one === "number" ? one : one.amount)).join(" ");
  }
  // Other tools write a line for each group.
  const groups: Iterable<Group> = text.startsWith('{"user"')
    ? text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Group)
    : Object.values(JSON.parse(text) as { readonly [user: string]: Group });
  let count = 0;
  let total = 0;
  let n = 0;
  for (const group of groups) {
    count++;
    total += group.total;
    n += group.n;
  }
  return `${count} groups, ${n} rows, ${total}`;
}

async function run(
  { rounds, items, python, only, part }: BenchOptions,
  say: (line: string) => void,
): Promise<Outcome> {
  const questions = questionsFor(items ?? ROWS).filter((one) => part === null || one.part === part);
  const standings: Standing[] = [];
  for (const question of questions) {
    const contestants = contestantsFor(question, python).filter(
      ({ name }) => only === null || only.some((one) => name.startsWith(one)),
    );
    const found = await compete(contestants, rounds, ({ round, contestant, figures }) =>
      say(`round ${round} of ${rounds}: ${contestant}: ${format(figures["processMs"])} ms`),
    );
    standings.push(...found);
  }
  return {
    contestants: standings,
    shown: { processMs: "ms", peakMb: "peak MB" },
    tables: [distances(questions, standings)],
    targets: questions.flatMap((question) => targetsFor(question, standings)),
    notes: [
      "ms: from the start of the process to its exit, with the result as JSON in a file.",
      "fanjoin keeps every step on disk, takes any function, and sums exactly. DuckDB and polars run compiled code over columns.",
      "distinct: fanjoin estimates (0.81 %), the others hold all values. Quantiles: fanjoin within 1 %, the others exactly.",
    ],
  };
}

function beside(other: string, { name }: Question, standings: readonly Standing[]): number | null {
  return ratio(standings, `${other}, ${name}`, `fanjoin, ${name}`, "processMs");
}

/** Beside a dict, which holds what fanjoin holds, and writes nothing but the result. */
function targetsFor(question: Question, standings: readonly Standing[]): Target[] {
  const { name, users } = question;
  const peakMb = figureOf(standings, `fanjoin, ${name}`, "peakMb");
  return [
    { name: `Python / fanjoin, ${name}, times`, value: beside("Python", question, standings), atLeast: 1 },
    { name: `fanjoin, ${name}, peak MB`, value: peakMb, atMost: users > 1_000_000 ? 1500 : 500 },
  ];
}

/** Without a promise: compiled code over columns, in memory. */
function distances(questions: readonly Question[], standings: readonly Standing[]): Table {
  const times = (other: string, question: Question): string => {
    const value = beside(other, question, standings);
    return value === null ? "not measured" : `${format(value)} of fanjoin's time`;
  };
  return {
    title: "The distance to engines over columns",
    columns: ["DuckDB", "polars"],
    rows: questions.map((question) => [question.name, times("DuckDB", question), times("polars", question)]),
  };
}

export const joins: Bench = {
  name: "joins",
  about: "group-by with few and many keys, distinct, quantiles and top 10: a Python dict, DuckDB, polars",
  options: `  --items N     rows of the smaller files (default ${ROWS.toLocaleString("en")}); the larger ones have ${LARGER} times as many
  --part NAME   ${PARTS.join(", ")} alone
  --only A,B    fanjoin, Python, DuckDB, polars
  --python P    a Python that has polars`,
  run,
};
