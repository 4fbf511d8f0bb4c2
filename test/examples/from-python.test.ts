/**
 * Runs the jobs of examples/from-python as their comments say, and the Python programs beside them, where
 * Python and the packages that they import are installed. Both give the same answers.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { BIN, ROOT, workspace } from "../cli/command.ts";
import type { OnFinished } from "../cli/command.ts";
import { runProgram } from "./program.ts";

const FOLDER = join(ROOT, "examples", "from-python");

interface Case {
  /** What both print: the lines of outputs, or one result. `null`: no answer, because both fail. */
  readonly answer: readonly unknown[] | null;
  /** The order of the lines is not fixed. */
  readonly unordered?: true;
  /** Exit codes of the job and of the Python program; 0 by default. */
  readonly code?: number;
  readonly pythonCode?: number;
  /** What the job says beside its answer. */
  readonly says?: RegExp;
}

const STEPS = [111, 118, 178, 261, 350, 524];
const REGIONS = ["Norway", "Chile", "Japan"].flatMap((country) => [`${country} north`, `${country} south`]);
const SIZES = Object.entries({ one: 40, two: 28, three: 8 });

const CASES: { readonly [name: string]: Case } = {
  "pool/map": { answer: STEPS },
  "pool/starmap": { answer: [32, 9, 1000] },
  "pool/imap-unordered": {
    answer: [2, 3, 2, 5, 2, 7, 2, 3, 2, 11].map((factor, at) => [at + 2, factor]),
    unordered: true,
  },
  "pool/initializer": { answer: ["Norway", "Chile", "Japan"] },
  "pool/exitcode": { answer: [0, 10, 30], code: 1, says: /exit code 3[^]*ITEM_CRASHED, range, item 2/ },
  "pool/map-reduce": { answer: [5133] },
  "threads/map": {
    answer: [
      ["one.txt", "2a630aa4f54ff632d1db1b9b366db9c6ff9df65bd097b63770418f5ec498ebd7"],
      ["three.txt", "00df70a2ec5a8bfe4e68d00aba75792b839ea84aa70aa1dd4dfe0e7116e253cc"],
      ["two.txt", "b56ce05f4be4df30f0869bec6bee0f2b20bb9c1378aaf7fae67b47c20a1312e0"],
    ],
  },
  "threads/submit": { answer: STEPS },
  "asyncio/gather": { answer: [20, 12, 30], code: 1, says: /division by zero\n +ITEM_FAILED, RangeError/ },
  "asyncio/semaphore": {
    answer: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0].map((at) => SIZES[at]),
  },
  "asyncio/wait-for": { answer: [1, 2], code: 1, says: /ITEM_TIMEOUT, items:2/ },
  "asyncio/task-group": { answer: null, code: 3, pythonCode: 1, says: /TOO_MANY_FAILURES/ },
  "sharing/counter": {
    answer: [
      {
        Norway: { orders: 2, cents: 1280 },
        Chile: { orders: 2, cents: 2000 },
        Japan: { orders: 2, cents: 20_000 },
      },
    ],
  },
  "sharing/producer": { answer: REGIONS.map((region) => region.toUpperCase()), unordered: true },
  "sharing/enough": { answer: [4] },
  "sharing/log-lines": { answer: [6], says: /^warn: a large one \{ n: 3 \}$/m },
  "celery/group": { answer: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81] },
  "celery/chord": { answer: [{ total: 285, largest: 81 }] },
  "celery/chain": { answer: [2, 2, 4] },
  "celery/retry": { answer: [0, 1, 3].map((n) => [n, 3]), code: 1, says: /ITEM_FAILED, Refused/ },
  "luigi/task": { answer: [{ orders: 2, cents: 2000 }] },
  "dask/filter": { answer: ["THE CAT SAT ON THE MAT", "A CAT AND A DOG"] },
  "dask/foldby": {
    answer: [{ 0: { n: 34, sum: 1683 }, 1: { n: 33, sum: 1617 }, 2: { n: 33, sum: 1650 } }],
  },
  "dask/frequencies": {
    answer: [{ the: 5, a: 2, cat: 2, sat: 2, mat: 2, dog: 2, on: 1, was: 1, flat: 1, and: 1, end: 1 }],
  },
  "dask/topk": { answer: [[996, 996, 994]] },
};

/** The command in the comment of a program; a backslash at the end of a line continues it. */
function command(path: string): string[] {
  const [, line = ""] =
    /^(?: \* {5})?((?:fanjoin|node|python3) (?:.*\\\n)*.*)$/m.exec(readFileSync(path, "utf8")) ?? [];
  const words = line.replaceAll(/\\\n \*/g, "").match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replaceAll("'", ""));
}

/** Arguments that name files are relative to the root, and the service's URL is that of this test. */
function actual(words: readonly string[], service: string): string[] {
  return words.map((word) =>
    word.startsWith("examples/") ? join(ROOT, word) : word.replace("http://127.0.0.1:8000", service),
  );
}

/** Lines of JSON, or one document; sorted if their order is not fixed. */
function answerIn(text: string, { answer, unordered }: Case): readonly unknown[] | null {
  if (answer === null) return null;
  const values = parsed(text);
  return unordered === true ? values.toSorted(byText) : values;
}

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
  }
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** Serves the texts. The first answers are held until there are `atOnce` requests. */
async function startService(atOnce: number, onFinished: OnFinished) {
  const held: (() => void)[] = [];
  const seen = { requests: 0, inFlight: 0, maxInFlight: 0 };
  const server = createServer((request, response) => {
    seen.requests++;
    seen.maxInFlight = Math.max(seen.maxInFlight, ++seen.inFlight);
    response.on("close", () => seen.inFlight--);
    const page = basename(request.url ?? "");
    held.push(() => response.end(readFileSync(join(FOLDER, "data", "texts", page))));
    if (seen.requests >= atOnce) for (const answer of held.splice(0)) answer();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onFinished(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Runs the command of a comment. `requests`: how many the service got, and the most of them at once. */
async function run(name: string, kind: "ts" | "py", onFinished: OnFinished) {
  const service = name === "asyncio/semaphore" ? await startService(4, onFinished) : null;
  const [program = "", ...words] = command(join(FOLDER, `${name}.${kind}`));
  expect(words.join(" ")).toContain(`examples/from-python/${name}.${kind}`);
  const args = actual(words, service?.url ?? "");
  const { code, stdout, stderr } = await runProgram(
    program === "python3" ? program : process.execPath,
    program === "fanjoin" ? [BIN, ...args] : args,
    { cwd: workspace({}, onFinished).path, onFinished },
  );
  const answer = answerIn(stdout, CASES[name] as Case);
  return { code, answer, requests: service?.seen ?? null, said: `${stdout}${stderr}` };
}

function expected(name: string) {
  const { answer, unordered, code = 0 } = CASES[name] as Case;
  return {
    code,
    answer: unordered === true ? (answer?.toSorted(byText) ?? null) : answer,
    requests: name === "asyncio/semaphore" ? { requests: 10, maxInFlight: 4 } : null,
  };
}

test.concurrent.for(Object.keys(CASES))(
  "%s.ts gives the expected answer",
  async (name, { onTestFinished }) => {
    const said = expect.stringMatching(CASES[name]?.says ?? /(?:)/) as string;
    expect(await run(name, "ts", onTestFinished)).toMatchObject({ ...expected(name), said });
  },
);

/** The Python package that the programs of a folder need. `sys`: none but Python. */
function neededBy(name: string): string {
  const world = dirname(name);
  if (world === "dask") return "dask.bag";
  return world === "celery" || world === "luigi" ? world : "sys";
}

/** Whether each of these packages is installed, and Python. */
const installed = new Map(
  ["sys", "celery", "luigi", "dask.bag"].map((name) => [
    name,
    spawnSync("python3", ["-c", `import ${name}`]).status === 0,
  ]),
);

for (const name of Object.keys(CASES)) {
  const needed = neededBy(name);
  test.skipIf(installed.get(needed) !== true)(
    `${name}.py gives the same answer (needs python3${needed === "sys" ? "" : ` with ${needed}`})`,
    { concurrent: true },
    async ({ onTestFinished }) => {
      const code = CASES[name]?.pythonCode ?? 0;
      expect(await run(name, "py", onTestFinished)).toMatchObject({ ...expected(name), code });
    },
  );
}

test("every job has a Python program beside it, and the other way round, and both are tried here", () => {
  for (const kind of ["ts", "py"]) {
    const names = globSync(`*/*.${kind}`, { cwd: FOLDER }).map((path) => path.slice(0, -3));
    expect(names.toSorted()).toEqual(Object.keys(CASES).toSorted());
  }
});
