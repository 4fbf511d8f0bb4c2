/** Says which keys an item lacks that its schema asks for: all items of a file may lack a column. */
import { namesText } from "../../core/errors/errors.ts";
import { isObject } from "../../core/json/json.ts";
import type { SchemaIssue } from "../../job/params.ts";

/** This many of the item's own keys are listed. */
const MAX_KEYS = 10;

/** The beginning of a message about these issues; '' if the item has all keys that they are about. */
export function missingKeysText(issues: readonly SchemaIssue[], item: unknown): string {
  if (!isObject(item)) return "";
  const keys = issues.map(({ path }) => topKey(path?.[0]));
  const missing = keys.filter((key): key is string => typeof key === "string" && !Object.hasOwn(item, key));
  if (missing.length === 0) return "";
  const wanted = [...new Set(missing)];
  return `there is no ${namesText(wanted, MAX_KEYS)} in the item, only ${namesText(nearFirst(item, wanted), MAX_KEYS)}; `;
}

function topKey(part: unknown): unknown {
  return typeof part === "object" && part !== null && "key" in part ? part.key : part;
}

/** The item's keys; first those that differ from a wanted one by case, spaces or marks only. */
function nearFirst(item: object, wanted: readonly string[]): string[] {
  const bare = new Set(wanted.map(letters));
  const keys = Object.keys(item);
  const near = keys.filter((key) => bare.has(letters(key)));
  return near.length === 0 ? keys : [...near, ...keys.filter((key) => !near.includes(key))];
}

function letters(key: string): string {
  return key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
