/** What came of the mutants, in plain text. */
import type { MutantResult } from "@stryker-mutator/api/core";

/** What became of one mutant, as far as the report says it. Lines and columns begin at 1. */
export type Mutated = Pick<MutantResult, "location" | "replacement" | "status"> & {
  /** Path from the root of the repository. */
  readonly path: string;
};

/** The ends of mutants that no test has noticed. */
const UNNOTICED = ["Survived", "NoCoverage"] as const;

export function isUnnoticed({ status }: Mutated): boolean {
  return UNNOTICED.some((one) => one === status);
}

/** Longer texts are cut: the place is named, and the whole text is in the source. */
const LONGEST = 90;

/**
 * Per cent of the mutants that the tests noticed. Mutants that never ran do not count: those outside the
 * sample, and those that could not be loaded. No mutant at all is 100 %.
 */
export function scoreOf(results: readonly Mutated[]): number {
  const noticed = count(results, "Killed") + count(results, "Timeout");
  const counted = noticed + count(results, "Survived") + count(results, "NoCoverage");
  return counted === 0 ? 100 : (100 * noticed) / counted;
}

/** The score, how many mutants met which end, and a line for each one that no test noticed. */
export function report(results: readonly Mutated[], sourceOf: (path: string) => string): string {
  const lines = [
    `score       ${scoreOf(results).toFixed(1)} %`,
    `killed      ${count(results, "Killed")}`,
    `timeout     ${count(results, "Timeout")}`,
    `survived    ${count(results, "Survived")}`,
    `no coverage ${count(results, "NoCoverage")}`,
    `error       ${count(results, "RuntimeError")}`,
  ];
  for (const status of UNNOTICED) {
    const unnoticed = results.filter((result) => result.status === status).toSorted(byPlace);
    if (unnoticed.length === 0) continue;
    lines.push("", status === "Survived" ? "Survived" : "No coverage");
    for (const result of unnoticed) lines.push(unnoticedLine(result, sourceOf(result.path)));
  }
  return lines.join("\n");
}

function count(results: readonly Mutated[], status: Mutated["status"]): number {
  return results.filter((result) => result.status === status).length;
}

function byPlace(a: Mutated, b: Mutated): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  const { start } = a.location;
  return start.line - b.location.start.line || start.column - b.location.start.column;
}

/** The place of a mutant with both texts. `unnoticedIn` finds it again. */
export function unnoticedLine({ path, location, replacement }: Mutated, source: string): string {
  return `  ${placeOf(path, location)}  ${oneLine(original(source, location))}  →  ${oneLine(replacement)}`;
}

const UNNOTICED_LINE = /^ {2}((\S+):\d+:\d+) {2}.* {2}→ {2}(.*)$/u;

/** The mutants that reports list as unnoticed, as `mutantKey` names them, and the files that they are in. */
export function unnoticedIn(reports: string): { readonly keys: readonly string[]; readonly files: string[] } {
  const found = reports.split("\n").flatMap((line) => {
    const [, place, path, replacement] = UNNOTICED_LINE.exec(line) ?? [];
    return path === undefined ? [] : [{ path, key: `${place}  ${replacement}` }];
  });
  return { keys: found.map(({ key }) => key), files: [...new Set(found.map(({ path }) => path))] };
}

/** Identifies a mutant among those of its sources. */
export function mutantKey({ path, location, replacement }: Omit<Mutated, "status">): string {
  return `${placeOf(path, location)}  ${oneLine(replacement)}`;
}

function placeOf(path: string, { start }: Mutated["location"]): string {
  return `${path}:${start.line}:${start.column}`;
}

/** The source text that a mutant replaces. */
function original(source: string, { start, end }: Mutated["location"]): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join("\n");
}

function oneLine(text: string): string {
  const joined = text.replaceAll(/\s+/gu, " ").trim();
  return joined.length <= LONGEST ? joined : `${joined.slice(0, LONGEST - 1)}…`;
}
