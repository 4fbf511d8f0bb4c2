/** The elements of an array in one JSON document. */
import type { Json } from "../core/json/json.ts";
import { group, invalid, show } from "../option-check.ts";
import { elementKind } from "./json/elements.ts";
import { elementLines } from "./json/json-array.ts";
import type { Reader } from "./reader.ts";
import type { TextOptions } from "./text/text-options.ts";
import { TEXT_OPTIONS, textOptions } from "./text/text-options.ts";

export interface JsonReaderOptions extends TextOptions {
  /**
   * The path of the array: keys with dots between them, or a list of keys. By default the document itself is
   * the array.
   */
  readonly path?: string | readonly string[];
}

/**
 * The elements of an array in a JSON document, which may be of any size. Give the item type as type argument,
 * or let the job's `item` schema infer it.
 */
export function json<Item = unknown>(options: JsonReaderOptions = {}): Reader<Item> {
  return {
    kind: "json",
    options: {
      path: pathOf(options.path),
      ...textOptions(group(options, "json()", ["path", ...TEXT_OPTIONS])),
    },
  };
}

function pathOf(value: unknown): readonly string[] {
  const path: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === "string"
      ? value.split(".")
      : [];
  const usable = value === undefined || typeof value === "string" || Array.isArray(value);
  if (usable && path.every((key): key is string => typeof key === "string" && key !== "")) return path;
  throw invalid(`json() takes a path such as "data.rows", or a list of keys; it was given ${show(value)}.`);
}

function pathIn({ path }: { readonly [name: string]: Json }): readonly string[] {
  return Array.isArray(path) ? path.map(String) : [];
}

export const jsonKind = elementKind("bytes", false, {
  convert: (text, options) => elementLines(text, pathIn(options)),
});
