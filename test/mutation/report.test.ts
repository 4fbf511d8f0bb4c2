import { expect, test } from "vitest";
import { mutantKey, report, scoreOf, unnoticedIn } from "./report.ts";
import type { Mutated } from "./report.ts";

const SOURCE = `const two = 1 + 1;
function empty() {
  return [];
}
`;

function mutated(status: Mutated["status"], line = 1, endLine = line, path = "src/a.ts"): Mutated {
  const location = { start: { line, column: 13 }, end: { line: endLine, column: 18 } };
  return { status, location, path, replacement: "1 - 1" };
}

const times = (count: number, status: Mutated["status"]): Mutated[] =>
  Array.from({ length: count }, () => mutated(status));

test("a mutant counts as noticed when a test failed or never ended", () => {
  const results = [...times(5, "Killed"), ...times(1, "Timeout"), ...times(2, "Survived")];
  expect(scoreOf(results)).toBe(75);
});

test("a mutant that no test reaches counts as not noticed", () => {
  expect(scoreOf([...times(1, "Killed"), ...times(1, "NoCoverage")])).toBe(50);
});

test("mutants that never ran do not count", () => {
  expect(scoreOf([...times(1, "Killed"), ...times(7, "CompileError"), ...times(2, "RuntimeError")])).toBe(
    100,
  );
  expect(scoreOf([])).toBe(100);
});

test("the report says how many mutants met which end", () => {
  const results = [...times(3, "Killed"), ...times(1, "Timeout"), ...times(1, "RuntimeError")];
  expect(report(results, () => SOURCE)).toBe(
    [
      "score       100.0 %",
      "killed      3",
      "timeout     1",
      "survived    0",
      "no coverage 0",
      "error       1",
    ].join("\n"),
  );
});

test("the report lists the mutants that no test noticed by their places, with both texts", () => {
  const results = [
    mutated("Survived", 1, 1, "src/b.ts"),
    mutated("Survived", 3),
    mutated("NoCoverage"),
    mutated("Survived"),
    mutated("Killed"),
  ];
  expect(
    report(results, () => SOURCE)
      .split("\n")
      .slice(6),
  ).toEqual([
    "",
    "Survived",
    "  src/a.ts:1:13  1 + 1  →  1 - 1",
    "  src/a.ts:3:13    →  1 - 1",
    "  src/b.ts:1:13  1 + 1  →  1 - 1",
    "",
    "No coverage",
    "  src/a.ts:1:13  1 + 1  →  1 - 1",
  ]);
});

test("a text of several lines is put on one line, and a long one is cut", () => {
  expect(report([mutated("Survived", 1, 3)], () => SOURCE)).toContain(
    "1 + 1; function empty() { return [];  →",
  );
  const long = { ...mutated("Survived"), replacement: "x".repeat(200) };
  expect(report([long], () => SOURCE)).toMatch(/ {2}x{89}…$/u);
});

test("the mutants that a report lists are found again by their places and texts, those of other ends are not", () => {
  const long = { ...mutated("Survived", 3), replacement: "x".repeat(200) };
  const results = [mutated("NoCoverage", 1, 3, "src/b.ts"), long, mutated("Killed", 2)];
  const { keys, files } = unnoticedIn(report(results, () => SOURCE));
  expect(files.toSorted()).toEqual(["src/a.ts", "src/b.ts"]);
  expect(results.map((result) => keys.includes(mutantKey(result)))).toEqual([true, true, false]);
  expect(keys).not.toContain(mutantKey({ ...long, replacement: "y" }));
});
