/** The input that a test gives a job: items, a text, or files. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isUint8Array } from "node:util/types";
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import type { Json } from "../core/json/json.ts";
import { AS_TEXT, jsonProblem } from "../core/json/strict-json.ts";
import { group, invalid, show } from "../option-check.ts";

/**
 * - `items`: the items themselves, whatever the job's reader is; the job's `item` schema checks them. They
 *   travel as JSON.
 * - `text`: one source for the job's reader, as text or as bytes. `name` is its name in `failed`.
 * - `files`: several sources, in order: paths of files, or texts by name.
 *
 * A job that brings its own input (a range, a generator, a list) needs none.
 */
export type TestInput =
  | { readonly items: readonly unknown[] }
  | { readonly text: string | Uint8Array; readonly name?: string }
  | { readonly files: readonly (string | URL)[] | { readonly [name: string]: string | Uint8Array } }
  | Readonly<Record<string, never>>;

/** A source of a test, by the name that the test gave it. */
export interface GivenSource {
  readonly label: string;
  readonly content: string | Uint8Array;
}

/** The input of a test after its checks. It is sent to threads. */
export type CheckedInput =
  | { readonly items: readonly Json[] }
  | { readonly sources: readonly GivenSource[] }
  | { readonly own: true };

/** Throws `JOB_INVALID` for another form, `INPUT_NOT_FOUND` and `INPUT_INVALID` for what is in it. */
export function givenInput(input: TestInput | undefined): CheckedInput {
  const given = group(input, "The input of testJob()", ["items", "text", "name", "files"]);
  const { items, text, name, files } = given;
  if ([items, text, files].filter((one) => one !== undefined).length > 1) {
    throw invalid("The input of testJob() is one of { items }, { text } and { files }, not several of them.");
  }
  if (name !== undefined && (text === undefined || typeof name !== "string")) {
    throw invalid(`name is the name of a text, as in { text, name: "sales.csv" }, but is ${show(name)}.`);
  }
  if (items !== undefined) return { items: checkedItems(items) };
  if (text !== undefined) return { sources: [{ label: name ?? "text", content: contentOf(text, "text") }] };
  return files === undefined ? { own: true } : { sources: sourcesOf(files) };
}

function checkedItems(items: unknown): readonly Json[] {
  if (!Array.isArray(items)) throw invalid(`items has to be an array, but is ${show(items)}.`);
  const problem = jsonProblem(items, AS_TEXT);
  if (problem === null) return JSON.parse(JSON.stringify(items)) as Json[];
  throw new FanjoinError(
    "INPUT_INVALID",
    `items${problem.path} is ${problem.found}, and items travel as JSON, which cannot hold it.`,
  );
}

function contentOf(content: unknown, where: string): string | Uint8Array {
  if (typeof content === "string" || isUint8Array(content)) return content;
  throw invalid(`${where} has to be a string or bytes, but is ${show(content)}.`);
}

function sourcesOf(files: unknown): GivenSource[] {
  if (Array.isArray(files)) return files.map(readSource);
  if (!isObject(files)) {
    throw invalid(`files has to be a list of paths, or an object { name: text }, but is ${show(files)}.`);
  }
  return Object.entries(files).map(([label, content]) => ({
    label,
    content: contentOf(content, `files[${JSON.stringify(label)}]`),
  }));
}

/** Relative paths begin at the working directory, as on the command line. */
function readSource(path: unknown): GivenSource {
  const href = isObject(path) ? path["href"] : undefined;
  const label = typeof href === "string" ? fileURLToPath(href) : path;
  if (typeof label !== "string") {
    throw invalid(`files has paths or file: URLs of files, but one of them is ${show(path)}.`);
  }
  try {
    return { label, content: readFileSync(label) };
  } catch (error) {
    throw new FanjoinError(
      "INPUT_NOT_FOUND",
      `the file ${label} cannot be read (${reasonOf(error)}): give paths of files, or texts by name`,
      { cause: error },
    );
  }
}
