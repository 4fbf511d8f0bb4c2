/**
 * Runs the examples as the README shows, on the inputs in the repository. The expected results are computed
 * here, without fanjoin.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import Papa from "papaparse";
import { linesOf, run, textOf } from "./run.ts";

interface State {
  strikes: number;
  damaged: number;
  byLargeAnimals: number;
  dollars: number;
  fastestKnots: number | null;
}

test("bird-strikes counts the strikes of each state, their damage and their cost", async () => {
  const { data } = Papa.parse<{ [column: string]: string }>(textOf("birdstrikes.csv"), {
    header: true,
    skipEmptyLines: true,
  });
  const states: { [state: string]: State } = {};
  let failed = 0;
  for (const row of data) {
    const state = row["Origin State"] ?? "";
    const size = row["Wildlife Size"] ?? "";
    if (state === "" || !["Small", "Medium", "Large"].includes(size)) {
      failed++;
      continue;
    }
    const sums = (states[state] ??= {
      strikes: 0,
      damaged: 0,
      byLargeAnimals: 0,
      dollars: 0,
      fastestKnots: null,
    });
    sums.strikes++;
    sums.damaged += row["Effect Amount of damage"] === "None" ? 0 : 1;
    sums.byLargeAnimals += size === "Large" ? 1 : 0;
    sums.dollars += Number(row["Cost Total $"]);
    sums.fastestKnots = Math.max(sums.fastestKnots ?? -Infinity, Number(row["Speed IAS in knots"] || 0));
  }
  const { items, result } = await run("bird-strikes.ts", ["birdstrikes.csv"]);
  expect(data.length).toBeGreaterThan(9000);
  expect(items).toEqual({ total: data.length, succeeded: data.length - failed, failed, skipped: 0 });
  expect(result?.value).toEqual(states);
  // Groups are in the order of their first items.
  expect(Object.keys(result?.value as object)).toEqual(Object.keys(states));
});

test("primes counts the primes below ten million", async () => {
  const sieve = new Uint8Array(10_000_000).fill(1);
  sieve.fill(0, 0, 2);
  for (let n = 2; n * n < sieve.length; n++) {
    if (sieve[n] === 1)
      for (let multiple = n * n; multiple < sieve.length; multiple += n) sieve[multiple] = 0;
  }
  const { items, result } = await run("primes.ts", []);
  expect(items).toEqual({ total: 1000, succeeded: 1000, failed: 0, skipped: 0 });
  expect(result?.value).toBe(sieve.reduce((sum, prime) => sum + prime, 0));
});

test("earthquakes finds the longest time without a strong earthquake", async () => {
  interface Quake {
    readonly properties: { readonly mag: number; readonly time: number; readonly place: string };
  }
  const quakes = textOf("earthquakes.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as Quake).properties);
  const strong = quakes.filter(({ mag }) => mag >= 4);
  let longest = { ms: 0, until: "" };
  strong.forEach(({ time, place: until }, n) => {
    const older = strong[n + 1];
    if (older && time - older.time > longest.ms) longest = { ms: time - older.time, until };
  });
  const { items, result } = await run("earthquakes.ts", ["earthquakes.jsonl"]);
  expect(items).toMatchObject({ total: quakes.length, failed: 0 });
  expect(result?.value).toEqual({ hours: longest.ms / 3_600_000, until: longest.until });
});

test("leaked-passwords finds the accounts with a leaked password", async () => {
  const accounts = textOf("accounts.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { user: string }).user);
  // events/inputs/README.md says which accounts have a leaked password.
  const expected = accounts.map((user, n) => ({ user, leaked: n % 7 === 3 }));
  const { items, result, outputs } = await run("leaked-passwords.ts", ["accounts.jsonl"]);
  expect(items).toMatchObject({ total: accounts.length, failed: 0 });
  expect(linesOf(outputs?.path)).toEqual(expected);
  const leaked = expected.filter((finding) => finding.leaked).length;
  expect(result?.value).toEqual({ accounts: accounts.length, leaked, findings: accounts.length });
});

/** The expected output: one line for each row of the bird strikes. */
function expectedStrikes(): string {
  const { data } = Papa.parse<{ [column: string]: string }>(textOf("birdstrikes.csv"), {
    header: true,
    skipEmptyLines: true,
  });
  const capital = (word: string): string => `${word.charAt(0)}${word.slice(1).toLowerCase()}`;
  const lines = data.map((row) => {
    const day = row["Flight Date"] ?? "";
    const line = {
      day,
      year: new Date(`${day}T00:00:00Z`).getUTCFullYear(),
      airport: row["Airport Name"],
      airline: (row["Aircraft Airline Operator"] ?? "").replaceAll("*", "").split(" ").map(capital).join(" "),
      aircraft: row["Aircraft Make Model"],
      species: row["Wildlife Species"],
      damage: row["Effect Amount of damage"] === "None" ? null : row["Effect Amount of damage"],
      dollars: Number(row["Cost Total $"]),
      knots: row["Speed IAS in knots"] === "" ? null : Number(row["Speed IAS in knots"]),
    };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join("");
}

test.for([
  ["learned", []],
  ["of 7 items", ["--chunk-items", "7"]],
  ["of 100 kB", ["--chunk-bytes", "100000"]],
] as const)("strikes-to-jsonl writes the rows in order, byte for byte, in chunks %s", async ([, options]) => {
  const directory = mkdtempSync(join(tmpdir(), "fanjoin-example-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "strikes.jsonl");
  const { outputs } = await run("strikes-to-jsonl.ts", ["birdstrikes.csv"], ["--output", file, ...options]);
  const expected = expectedStrikes();
  // Compared as a boolean: a diff would have thousands of lines.
  expect(readFileSync(file, "utf8") === expected).toBe(true);
  expect(readFileSync(outputs?.path ?? "", "utf8") === expected).toBe(true);
});
