/** Reports of benchmarks: a table for people, one JSON document for programs. */
import { readFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";
import type { Standing } from "./contestant.ts";

export interface BenchOptions {
  readonly rounds: number;
  readonly chunks: number;
  readonly curve: boolean;
  readonly mb: number;
  /** `null`: the benchmark's default. */
  readonly items: number | null;
  /** `bench io`: some items wait much longer than others. */
  readonly uneven: boolean;
  readonly batches: number;
  /** Sizes of files in millions of bytes. */
  readonly sizes: readonly number[];
  /** A directory for CPU profiles of fanjoin. */
  readonly profileTo: string | null;
  /** A Python to find packages in. */
  readonly python: string;
  /** Contestants; `null`: all. */
  readonly only: readonly string[] | null;
  /** `null`: all of it. */
  readonly part: string | null;
  readonly quick: boolean;
  /** A page to write. */
  readonly writeTo: string | null;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** The text about its options in `--help`. */
  readonly options: string;
  run(options: BenchOptions, say: (line: string) => void): Promise<Outcome>;
}

export interface Outcome {
  readonly contestants: readonly Standing[];
  /** The figures in the table and their units. */
  readonly shown: { readonly [figure: string]: string };
  /** Not a figure of a contestant. */
  readonly tables?: readonly Table[];
  readonly targets: readonly Target[];
  /** Notes that help to read the figures. */
  readonly notes: readonly string[];
}

/** Text in cells; each row begins with its name. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A promise about a figure of this run. */
export interface Target {
  readonly name: string;
  /** `null` if a contestant was skipped. */
  readonly value: number | null;
  readonly atLeast?: number;
  readonly atMost?: number;
}

function isMet({ value, atLeast = -Infinity, atMost = Infinity }: Target): boolean | null {
  return value === null ? null : value >= atLeast && value <= atMost;
}

/** `figure` of one contestant divided by that of another; `null` if either was skipped. */
export function ratio(
  standings: readonly Standing[],
  one: string,
  other: string,
  figure: string,
): number | null {
  const a = figureOf(standings, one, figure);
  const b = figureOf(standings, other, figure);
  return a === null || b === null ? null : a / b;
}

/** The median of `figure` of a contestant; `null` if it was skipped. */
export function figureOf(standings: readonly Standing[], name: string, figure: string): number | null {
  return standings.find((standing) => standing.name === name)?.median[figure] ?? null;
}

export function print(
  { contestants, shown, tables = [], targets, notes }: Outcome,
  say: (line: string) => void,
): void {
  const header = ["", ...Object.values(shown)];
  const rows = contestants.map(({ name, skipped, median }) =>
    skipped === null
      ? [name, ...Object.keys(shown).map((figure) => format(median[figure]))]
      : [name, `skipped: ${skipped}`],
  );
  say("");
  printRows([header, ...rows], say);
  for (const { title, columns, rows } of tables) {
    say("");
    say(title);
    for (const [name = "", ...cells] of rows) {
      say(name);
      for (const [at, cell] of cells.entries()) say(`  ${columns[at]}: ${cell}`);
    }
  }
  say("");
  for (const target of targets) {
    const { name, value, atLeast, atMost } = target;
    const promised = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    say(`${name}: ${format(value)} (${promised}: ${verdictOf(target)})`);
  }
  for (const note of notes) say(note);
}

/** The first column to the left, the others to the right. A row of two cells may be wider. */
function printRows(rows: readonly (readonly string[])[], say: (line: string) => void): void {
  const [header = []] = rows;
  const widths = header.map((title, i) =>
    Math.max(
      title.length,
      ...rows.map((row) => (row.length > 2 ? (row[i] ?? "").length : i === 0 ? (row[0] ?? "").length : 0)),
    ),
  );
  for (const row of rows)
    say(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    );
}

/** Whether a target was met, in a word or two. */
export function verdictOf(target: Target): string {
  const met = isMet(target);
  return met === null ? "not measured" : met ? "met" : "missed";
}

export function format(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function documentOf(bench: string, { contestants, tables = [], targets, notes }: Outcome): unknown {
  return {
    bench,
    at: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    contestants,
    tables,
    ratios: Object.fromEntries(targets.map(({ name, value }) => [name, value])),
    targets: targets.map((target) => ({ ...target, met: isMet(target) })),
    notes,
  };
}

function machine(): { [part: string]: string | number } {
  const processors = cpus();
  return {
    platform: `${platform()} ${arch()}`,
    processor: processors[0]?.model ?? "unknown",
    processors: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
  };
}

export function versions(): { [part: string]: string | undefined } {
  const { version, devDependencies } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as {
    version: string;
    devDependencies: { [name: string]: string };
  };
  const { node, sqlite } = process.versions;
  return {
    fanjoin: version,
    node,
    sqlite,
    udsv: devDependencies["udsv"],
    piscina: devDependencies["piscina"],
  };
}
