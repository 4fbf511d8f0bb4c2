/** Outputs by key: the options of `collect({ by })`, and the text of a value in the file of its key. */
import { FanjoinError, namesText } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import type { Json } from "../core/json/json.ts";
import { group, invalid, show } from "../option-check.ts";
import { csvRow } from "./csv-text.ts";
import type { CsvTextOptions } from "./csv-text.ts";
import { keysText, valueText } from "./selector.ts";

/** Options of `collect()` for outputs by key. */
export interface CollectByOptions<Value> {
  /** The property with the key, or a function that returns it: a string, number or boolean. */
  readonly by: (string & keyof Value) | ((value: Value) => string | number | boolean);
  /** `jsonl` by default: a value on each line. `csv`: values are objects, and each is a row. */
  readonly format?: "jsonl" | "csv" | undefined;
  /**
   * The columns of CSV, in order: other properties are left out. By default those of the first value of a
   * file; then a later value with a property more fails the batch.
   */
  readonly columns?: readonly string[] | undefined;
  /** Files are packed with gzip. Default: false. */
  readonly gzip?: boolean | undefined;
  /**
   * Text in CSV that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a
   * carriage return) gets an apostrophe before it. Default: false.
   */
  readonly escapeFormulas?: boolean | undefined;
}

/** How a join writes its outputs: a file for each key. */
export interface KeyedOutputs {
  /** Files are called `name=key.ending`. */
  readonly name: string;
  readonly ending: string;
  readonly gzip: boolean;
  /** The first text of each file. */
  readonly head: string;
  /** Throws `JOIN_FAILED`. */
  keyOf(value: unknown): string;
  /** The line that is kept of a value until it comes into its file. `json`: the value, `line`: JSON too. */
  lineOf(json: string): string;
  /** The text of such a line in its file. */
  textOf(line: string): string;
  /**
   * Where the first value decides on the text of a file: makes the text of each of its lines, in order. The
   * function is for one file, and throws `MERGE_FAILED`. `null`: the text is as `textOf` has it.
   */
  readonly rewriter: (() => (text: string) => string) | null;
}

const NAMES = ["by", "format", "columns", "gzip", "escapeFormulas", "flat"] as const;
const FORMATS = ["jsonl", "csv"] as const;

/** Throws `JOB_INVALID`. */
export function keyedOutputs(options: unknown): KeyedOutputs {
  const named = group(options, "collect()", NAMES);
  const { by, format = "jsonl" } = named;
  const isNamed = typeof by === "string" && by !== "";
  if (!isNamed && typeof by !== "function") {
    throw invalid(`collect() takes the name of a property or a function as by; it was given ${show(by)}.`);
  }
  if (!FORMATS.some((one) => one === format)) {
    throw invalid(`collect() takes "jsonl" or "csv" as format; it was given ${show(format)}.`);
  }
  const columns = columnsOf(named["columns"], format === "csv");
  const gzip = flagOf(named["gzip"], "gzip");
  const escapeFormulas = flagOf(named["escapeFormulas"], "escapeFormulas");
  const select = isNamed ? (value: unknown) => propertyOf(value, by) : (by as (value: unknown) => unknown);
  const shared = {
    name: isNamed ? by : "key",
    ending: gzip ? `${String(format)}.gz` : String(format),
    gzip,
    keyOf: (value: unknown) => keyText(select(value), value),
  };
  return format === "csv" ? csvOutputs(shared, columns, { escapeFormulas }) : jsonOutputs(shared);
}

type Shared = Pick<KeyedOutputs, "name" | "ending" | "gzip" | "keyOf">;

function jsonOutputs(shared: Shared): KeyedOutputs {
  return {
    ...shared,
    head: "",
    lineOf: (json) => json,
    textOf: (line) => `${line}\n`,
    rewriter: null,
  };
}

/** With columns, values are rows from the beginning. Without, they are JSON until a file has its first. */
function csvOutputs(
  shared: Shared,
  columns: readonly string[] | null,
  options: CsvTextOptions,
): KeyedOutputs {
  const keyOf = (value: unknown): string => {
    if (isObject(value) && !Array.isArray(value)) return shared.keyOf(value);
    throw new FanjoinError(
      "JOIN_FAILED",
      `collect({ format: "csv" }) takes objects, whose properties are cells, but was given ${valueText(value)}`,
    );
  };
  if (columns === null) {
    return {
      ...jsonOutputs(shared),
      keyOf,
      rewriter: () => firstDecides(options),
    };
  }
  return {
    ...shared,
    keyOf,
    head: csvRow(columns, options),
    lineOf: (json) => JSON.stringify(rowOf(JSON.parse(json), columns, options)),
    textOf: (line) => JSON.parse(line) as string,
    rewriter: null,
  };
}

function rowOf(value: unknown, columns: readonly string[], options: CsvTextOptions): string {
  return csvRow(
    columns.map((name) => propertyOf(value, name)),
    options,
  );
}

function firstDecides(options: CsvTextOptions): (line: string) => string {
  let columns: readonly string[] | null = null;
  return (line) => {
    const value = JSON.parse(line) as { readonly [name: string]: Json };
    const names = Object.keys(value);
    const head = columns === null ? csvRow(names, options) : "";
    const known: readonly string[] = (columns ??= names);
    const other = names.find((name) => !known.includes(name));
    if (other !== undefined) {
      throw new FanjoinError(
        "MERGE_FAILED",
        `collect({ format: "csv" }): a value has the property ${show(other)}, and the first value of its file has ${namesText(known, 20)}: name all columns, as collect({ columns: [...] })`,
      );
    }
    return head + rowOf(value, known, options);
  };
}

function propertyOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function keyText(key: unknown, value: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean") return String(key);
  throw new FanjoinError(
    "JOIN_FAILED",
    `the key of collect({ by }) has to be a string, number or boolean, but is ${valueText(key)}${keysText(key, value)}. Give such items a key of their own, or return drop for them.`,
  );
}

function columnsOf(value: unknown, isCsv: boolean): readonly string[] | null {
  if (value === undefined) return null;
  const isList = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");
  if (!isList || new Set(value).size !== value.length) {
    throw invalid(`collect() takes a list of different names as columns; it was given ${show(value)}.`);
  }
  if (!isCsv) throw invalid('collect() takes columns with format: "csv" only: JSON lines hold whole values.');
  return value;
}

function flagOf(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw invalid(`collect() takes true or false as ${name}; it was given ${show(value)}.`);
}
