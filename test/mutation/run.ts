/** `npm run mutate -- [room] [options]`: do the tests of a room notice when its code is changed? */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import type { LogLevel, PartialStrykerOptions } from "@stryker-mutator/api/core";
import { AGAIN_VARIABLE, SEED_VARIABLE, SIZE_VARIABLE, TESTS_VARIABLE } from "./environment.ts";
import { report, scoreOf, unnoticedIn } from "./report.ts";
import type { Mutated } from "./report.ts";
import { ROOMS } from "./rooms.ts";
import type { Room } from "./rooms.ts";
import { SAMPLE_CHECKER } from "./sample-checker.ts";
import { UNNOTICED_REPORTER } from "./unnoticed-reporter.ts";

const HELP = `Usage: npm run mutate -- [room] [options]

Changes the room's code in one place at a time, runs the room's tests against each change, and lists the
changes that no test noticed, at once and at the end. Exits with 1 if the score is lower than the room's.

Rooms (default core)
${Object.entries(ROOMS)
  .map(([name, { sources, least }]) => `  ${name.padEnd(13)}${sources.padEnd(27)}at least ${least} %`)
  .join("\n")}

Options
  --sample N       only N mutants of the room, chosen by the seed; without it, all
  --seed N         another sample (default 1)
  --files PATTERN  only mutants of these files, e.g. 'src/core/records/*.ts'; may be repeated
  --tests PATTERN  run only these tests, not all of the room: faster, and the score is at least this; may be
                   repeated
  --again FILE     only mutants that the output of a run, in this file, lists as unnoticed: to see what new tests
                   notice; may be repeated. Their lines must not have moved since
  --concurrency N  processes that run tests (default 2)
  --timeout N      so many seconds more than three times its tests a mutant may take (default 20). It counts
                   as noticed then: give more on a busy machine, where others are slow, too`;

interface Run {
  readonly room: Room;
  readonly files: readonly string[];
  readonly tests: readonly string[];
  /** `null` = all mutants. */
  readonly sample: number | null;
  readonly seed: number;
  /** `mutantKey`s of those to run; `null` = no choice of this kind. */
  readonly again: readonly string[] | null;
  readonly concurrency: number;
  readonly timeoutMs: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", short: "h", default: false },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    files: { type: "string", multiple: true },
    tests: { type: "string", multiple: true },
    again: { type: "string", multiple: true },
    concurrency: { type: "string", default: "2" },
    timeout: { type: "string", default: "20" },
  },
});

const room = ROOMS[positionals[0] ?? "core"];
if (values.help || !room) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  const reports = values.again?.map((path) => readFileSync(path, "utf8")).join("\n");
  const again = reports === undefined ? null : unnoticedIn(reports);
  const results = await mutate({
    room,
    files: values.files ?? again?.files ?? [room.sources],
    tests: values.tests ?? room.tests,
    again: again?.keys ?? null,
    sample: values.sample === undefined ? null : count("sample", values.sample),
    seed: count("seed", values.seed),
    concurrency: count("concurrency", values.concurrency),
    timeoutMs: count("timeout", values.timeout) * 1000,
  });
  console.log(`\n${report(results, (path) => readFileSync(path, "utf8"))}`);
  if (scoreOf(results) < room.least) {
    console.error(`\nThe score is lower than ${room.least} %.`);
    process.exitCode = 1;
  }
}

async function mutate(run: Run): Promise<Mutated[]> {
  Object.assign(process.env, environmentOf(run));
  const results = await new Stryker(optionsOf(run)).runMutationTest();
  return results.map((result) => ({ ...result, path: relative(process.cwd(), result.fileName) }));
}

/** The walks through the protocol have random seeds otherwise, and the score would differ by them. */
function environmentOf({ tests, sample, seed, again }: Run): Record<string, string> {
  return {
    [TESTS_VARIABLE]: tests.join(","),
    ...(sample === null ? {} : { [SIZE_VARIABLE]: String(sample) }),
    ...(again === null ? {} : { [AGAIN_VARIABLE]: JSON.stringify(again) }),
    [SEED_VARIABLE]: String(seed),
    WALK_SEED: Array.from({ length: 20 }, (_, walk) => walk + 1).join(","),
  };
}

/** https://stryker-mutator.io/docs/stryker-js/configuration/ */
function optionsOf({ files, sample, again, concurrency, timeoutMs }: Run): PartialStrykerOptions {
  return {
    mutate: [...files],
    testRunner: "vitest",
    plugins: [
      import.meta.resolve("@stryker-mutator/vitest-runner"),
      import.meta.resolve("./sample-checker.ts"),
      import.meta.resolve("./unnoticed-reporter.ts"),
    ],
    checkers: sample === null && again === null ? [] : [SAMPLE_CHECKER],
    // `related` would bring in every test that imports the mutated file, from all rooms.
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    concurrency,
    // TypeScript 7 does not have the functions that Stryker reads a tsconfig.json with.
    tsconfigFile: "no-tsconfig.json",
    // It would add a line to each file, and tests know the lines that errors of theirs come from.
    disableTypeChecks: false,
    // Several times what a test takes: on a busy machine a slow mutant is not an endless loop.
    timeoutMS: timeoutMs,
    timeoutFactor: 3,
    tempDirName: ".mutation",
    cleanTempDir: "always",
    ignorePatterns: ["/bench", "/dist", "/coverage", "/.fanjoin", "/.localstack", "/cdk.out"],
    // Static mutants run all tests of the room: they are few.
    warnings: false,
    reporters: ["progress-append-only", UNNOTICED_REPORTER],
    // A constant enum: there is nothing to import at run time.
    logLevel: "warn" as LogLevel,
    allowConsoleColors: false,
  };
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(`--${name} has to be a whole number above 0, not "${text}"`);
}
