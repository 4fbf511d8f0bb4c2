/** The examples, run as the README says, on the inputs that ship with them; what they have to come to is computed here, without fanjoin. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import Papa from "papaparse";
import { place, ROOT } from "../cli/command.ts";

async function run(example: string, ...inputs: string[]) {
  const { code, stderr, summary } = await place().json(
    "run",
    join(ROOT, "examples", example),
    ...inputs.map((input) => join(ROOT, "events", "inputs", input)),
    "--quiet",
  );
  expect(stderr).toBe("");
  expect(code).toBe(summary.items.failed === 0 ? 0 : 1);
  return summary;
}

const textOf = (input: string): string => readFileSync(join(ROOT, "events", "inputs", input), "utf8");

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
  const { items, result } = await run("bird-strikes.ts", "birdstrikes.csv");
  expect(data.length).toBeGreaterThan(9000);
  expect(items).toEqual({ total: data.length, succeeded: data.length - failed, failed, skipped: 0 });
  expect(result?.value).toEqual(states);
  // Groups come in the order in which the input has them.
  expect(Object.keys(result?.value as object)).toEqual(Object.keys(states));
});

test("primes counts the primes below ten million", async () => {
  const sieve = new Uint8Array(10_000_000).fill(1);
  sieve.fill(0, 0, 2);
  for (let n = 2; n * n < sieve.length; n++) {
    if (sieve[n] === 1)
      for (let multiple = n * n; multiple < sieve.length; multiple += n) sieve[multiple] = 0;
  }
  const { items, result } = await run("primes.ts");
  expect(items).toEqual({ total: 1000, succeeded: 1000, failed: 0, skipped: 0 });
  expect(result?.value).toBe(sieve.reduce((sum, prime) => sum + prime, 0));
});

test("earthquakes finds the longest time without a strong one", async () => {
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
  const { items, result } = await run("earthquakes.ts", "earthquakes.jsonl");
  expect(items).toMatchObject({ total: quakes.length, failed: 0 });
  expect(result?.value).toEqual({ hours: longest.ms / 3_600_000, until: longest.until });
});
